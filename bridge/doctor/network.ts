import { access, constants } from 'node:fs/promises';
import { connect } from 'node:net';
import { limits } from '../base/limits.ts';
import { type ProxyChoice, UnusableProxy, type Way } from '../base/network.ts';
import { checksOf, type Finding } from './findings.ts';
import type { Machine } from './machine.ts';

const { ok, notice, bad } = checksOf('network');

/** Proxies that requests go through, each looked at once. */
export class ProxyLooks {
  readonly #choose: ProxyChoice;
  readonly #seen = new Map<string, Promise<boolean>>();
  readonly #troubles = new Map<string, Finding>();
  #straight = false;

  constructor(choose: ProxyChoice) {
    this.#choose = choose;
  }

  /** Whether requests to this address get past the proxy they go through, if there is one. @throws the signal's reason. */
  async isOpen(url: URL, signal: AbortSignal): Promise<boolean> {
    let way: Way;
    try {
      way = await this.#choose(url, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof UnusableProxy)) throw error;
      const fix = 'Choose another one: gangway settings proxy http://host:port';
      this.#troubles.set('', bad('proxy-unusable', error.message, fix));
      return false;
    }
    if (way.kind === 'direct') {
      this.#straight = true;
      return true;
    }
    const proxy = new URL(way.url);
    const seen = this.#seen.get(proxy.host) ?? accepts(proxy, signal);
    this.#seen.set(proxy.host, seen);
    if (await seen) return true;
    const text = `The proxy ${proxy.host} does not answer, so no workspace is reached through it.`;
    const fix = 'Start it, or choose another one or none: gangway settings proxy none';
    this.#troubles.set(proxy.host, bad('proxy-unreachable', text, fix, proxy.host));
    return false;
  }

  findings(): Finding[] {
    if (this.#troubles.size > 0) return [...this.#troubles.values()];
    const names = [...this.#seen.keys()];
    if (names.length > 0)
      return [ok('proxy', `Requests go through the proxy ${names.join(', ')}, which answers.`)];
    return this.#straight ? [ok('proxy', 'Requests go straight to the workspaces, without a proxy.')] : [];
  }
}

/** Whether anything accepts connections where a proxy should be. */
async function accepts({ protocol, hostname, port }: URL, signal: AbortSignal): Promise<boolean> {
  const usual = protocol === 'https:' ? 443 : 80;
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = connect({ host, port: port === '' ? usual : Number(port) });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const giveUp = (): void => resolve(false);
  socket.once('connect', () => resolve(true));
  socket.once('error', giveUp);
  socket.setTimeout(limits.lookConnectMs, giveUp);
  signal.addEventListener('abort', giveUp);
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', giveUp);
    socket.destroy();
  }
}

/** How far apart the clocks of a workspace and of this computer are; positive when ours is ahead. */
export interface HeardClock {
  readonly host: string;
  readonly aheadMs: number;
}

/** More than that and servers refuse fresh sign-ins, or take valid ones for expired. */
const TOLERATED_MS = 5 * 60_000;

/** Judges the clock by what workspaces gave as their time. One of several that differs is itself wrong. Pure. */
export function clockFindings(heard: readonly HeardClock[]): Finding[] {
  const [first] = heard;
  if (!first) return [];
  const off = heard.filter(({ aheadMs }) => Math.abs(aheadMs) > TOLERATED_MS);
  const [worst] = off;
  if (!worst) return [ok('clock', `The clock agrees with that of ${first.host}.`)];
  const minutes = Math.round(Math.abs(worst.aheadMs) / 60_000);
  const how = worst.aheadMs > 0 ? 'ahead' : 'behind';
  if (off.length === heard.length) {
    const text = `Your clock seems wrong by ${minutes} minutes: it is ${how} of that of ${worst.host}. Sign-ins and certificates fail then.`;
    return [bad('clock-off', text, 'Let the system set date and time by itself, then run: gangway doctor')];
  }
  const text = `The clock of ${worst.host} differs from yours by ${minutes} minutes; other workspaces agree with yours.`;
  return [notice('workspace-clock-off', text, `Tell whoever runs ${worst.host}.`, worst.host)];
}

/** Certificates beyond those of the system, and settings that switch checks off. */
export async function lookAtCertificates({ environment }: Pick<Machine, 'environment'>): Promise<Finding[]> {
  const findings: Finding[] = [];
  const extra = environment.NODE_EXTRA_CA_CERTS;
  if (extra && !(await isReadable(extra))) {
    const text = 'NODE_EXTRA_CA_CERTS names a file that cannot be read, so its certificates are not trusted.';
    findings.push(
      notice(
        'certificates-unreadable',
        text,
        `Correct the variable, or give yourself access to ${extra}`,
        extra,
      ),
    );
  }
  if (environment.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    const text =
      'NODE_TLS_REJECT_UNAUTHORIZED=0 asks every program to trust everybody. Gangway checks certificates all the same.';
    findings.push(notice('certificates-ignored', text, 'Take the variable away: other programs obey it.'));
  }
  return findings;
}

async function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}
