import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { type BrowserSignIn, LookReport, waysIn } from './accounts/look-report.ts';
import { limits } from './base/limits.ts';
import { checkedLookup, type Resolve } from './base/lookup.ts';
import type { ProxyChoice } from './base/network.ts';
import { within } from './base/tasks.ts';
import type { Connector } from './connectors/connector.ts';
import { reachOfHost } from './connectors/reach.ts';
import { recognise, type TypedPlace } from './connectors/recognise.ts';
import type { WorkspaceLook } from './contract/control.ts';
import { hostIn } from './oauth/address.ts';
import { discover } from './oauth/discovery.ts';
import { boundsOf, OAuthHttp } from './oauth/http.ts';
import { OAuthTrouble } from './oauth/trouble.ts';
import { WorkspaceHttp, type WorkspaceHttpParts } from './upstream/http.ts';
import { lookAt } from './upstream/look.ts';

export interface WorkspaceLooksOptions {
  readonly proxy: ProxyChoice;
  /** Of Gangway. */
  readonly version: string;
  /** What of the connections is not as usual. */
  readonly http?: Partial<WorkspaceHttpParts>;
  readonly resolve?: Resolve;
  /** Longest time of one look, in milliseconds. */
  readonly lookMs?: number;
}

/** Looks at addresses that nobody has an account for yet. No request carries a credential or a cookie. */
export class WorkspaceLooks implements AsyncDisposable {
  readonly #anywhere: WorkspaceHttp;
  /** Connects to no address of a private network, whatever it is called. */
  readonly #internet: WorkspaceHttp;
  readonly #oauth: OAuthHttp;
  readonly #resolve: Resolve;
  readonly #lookMs: number;
  readonly #version: string;

  constructor(options: WorkspaceLooksOptions) {
    const { proxy, version } = options;
    const waits = { ...limits, connectMs: limits.lookConnectMs, shutdownMs: limits.lookEndMs };
    const http = { waits, proxy, ...options.http };
    this.#resolve = options.resolve ?? ((hostname) => lookup(hostname, { all: true }));
    this.#anywhere = new WorkspaceHttp(http);
    this.#internet = new WorkspaceHttp({ ...http, lookup: checkedLookup(this.#resolve, refuseInside) });
    this.#oauth = new OAuthHttp({ proxy, resolve: this.#resolve });
    this.#lookMs = options.lookMs ?? limits.lookMs;
    this.#version = version;
  }

  /**
   * What is at the place a person typed, and how one signs in there. Nothing is sent to a private network that the
   * person did not confirm, not even where only the name of the host leads there. Throws only the signal's reason.
   */
  async look(typed: TypedPlace, signal: AbortSignal): Promise<WorkspaceLook> {
    const place = recognise(typed);
    const report = new LookReport(place.connector);
    if (place.kind === 'refused') {
      report.fail('address', place.because);
      return report.view();
    }
    report.leadsTo(place.endpoint.url);
    if (place.kind === 'private') {
      report.privateNetwork = true;
      report.fail('address', place.because);
      return report.view();
    }
    report.pass('address', place.endpoint.notes.join(' ') || `The address is ${place.endpoint.url}.`);
    try {
      const ask = (given: AbortSignal): Promise<void> =>
        this.#ask(report, new URL(place.endpoint.url), typed.ownNetwork, given);
      await within(this.#lookMs, signal, ask, () => new TooLate());
    } catch (error) {
      if (!(error instanceof TooLate)) throw error;
      report.late(this.#lookMs);
    }
    return report.view();
  }

  async #ask(report: LookReport, url: URL, ownNetwork: boolean, signal: AbortSignal): Promise<void> {
    const isAnywhere = ownNetwork || reachOfHost(url.hostname) !== 'public';
    const inside = isAnywhere ? undefined : await this.#insideAt(url, signal);
    if (inside !== undefined) {
      report.privateNetwork = reachOfHost(inside) !== 'never';
      const advice = 'If the server is yours, choose "server in my own network".';
      const text = report.privateNetwork
        ? `${url.host} leads into a private network (${inside}). ${advice}`
        : `${url.host} leads to no server (${inside}). Perhaps it is blocked here.`;
      report.fail('reachable', text);
      return;
    }
    const http = isAnywhere ? this.#anywhere : this.#internet;
    const onMet = (): void => {
      report.isMet = true;
    };
    const reception = await lookAt(url, { http, version: this.#version, signal, onMet });
    if (reception.kind === 'failed') {
      report.failAt(reception.at, reception.text);
      return;
    }
    if (reception.kind === 'welcome') report.welcomed(reception.server, reception.protocolVersion);
    else report.asksFirst();
    const isOpen = reception.kind === 'welcome' && reception.isOpen;
    const byBrowser = await this.#findBrowserSignIn(report.connector, url, ownNetwork, signal);
    report.signsIn(waysIn(report.connector, url.host, isOpen, byBrowser));
  }

  /** The address that a name of the internet leads to, when it is none of the internet. */
  async #insideAt({ hostname }: URL, signal: AbortSignal): Promise<string | undefined> {
    const host = hostname.replace(/^\[|\]$/g, '');
    const finding = within(
      limits.lookResolveMs,
      signal,
      () => this.#resolve(host),
      () => new TooLate(),
    );
    // A name that cannot be found here is not there, or a proxy knows it.
    return insideOf(await finding.catch(() => []));
  }

  async #findBrowserSignIn(
    connector: Connector,
    url: URL,
    ownNetwork: boolean,
    signal: AbortSignal,
  ): Promise<BrowserSignIn> {
    if (!connector.signIn.includes('oauth')) return { kind: 'none' };
    const bounds = boundsOf({ ownNetwork, upstream: { kind: 'http', url: url.href } });
    try {
      const found = await discover({ url: url.href, bounds, legacy: false }, this.#oauth, signal);
      return found.kind === 'found'
        ? { kind: 'found', host: hostIn(found.found.server.issuer) }
        : { kind: 'none' };
    } catch (error) {
      if (!(error instanceof OAuthTrouble)) throw error;
      return { kind: error.kind === 'unsafe' ? 'unusable' : 'unknown', because: error.message };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#anywhere[Symbol.asyncDispose]();
    await this.#internet[Symbol.asyncDispose]();
    await this.#oauth[Symbol.asyncDispose]();
  }
}

class TooLate extends Error {}

/** The first address that is none of the internet. */
function insideOf(addresses: readonly LookupAddress[]): string | undefined {
  return addresses.find(({ address }) => reachOfHost(address) !== 'public')?.address;
}

/** A name may lead elsewhere the next time it is asked for, so the connection's own addresses are checked as well. */
function refuseInside(hostname: string, addresses: readonly LookupAddress[]): void {
  if (insideOf(addresses) !== undefined) throw new Error(`${hostname} leads into a private network.`);
}
