import { limits } from '../base/limits.ts';
import { within } from '../base/tasks.ts';
import { oneLine } from '../base/text.ts';
import { type Account, hostOf } from '../contract/account.ts';
import type { AccountView } from '../contract/control.ts';
import { asBridgeError, BridgeError, type ErrorCode } from '../contract/errors.ts';
import { whySignIn } from '../contract/sign-in-text.ts';
import type { HttpAnswer, WorkspaceHttp } from '../upstream/http.ts';
import type { Workspace } from '../upstream/workspace.ts';
import { checksOf, type Finding } from './findings.ts';
import type { HeardClock, ProxyLooks } from './network.ts';

export interface AccountLookParts {
  /** Connections of this look alone, so that none is used that was open before. */
  readonly http: WorkspaceHttp;
  readonly proxies: ProxyLooks;
  /** Asks the workspace who we are, with the account's own credential. @throws BridgeError when it does not work. */
  readonly check: (account: Account, signal: AbortSignal) => Promise<unknown>;
  /** How long one account may take, in milliseconds. */
  readonly waitMs: number;
}

export interface AccountLook {
  readonly findings: readonly Finding[];
  readonly clock?: HeardClock;
}

const { ok, notice, bad, skipped } = checksOf('accounts');

/** One account: what is known of its sign-in, whether its workspace is there, and whether it lets us in. */
export async function lookAtAccount(
  account: AccountView,
  parts: AccountLookParts,
  signal: AbortSignal,
): Promise<AccountLook> {
  const known = conditionFindings(account);
  const isAsked = account.condition.state === 'ready' || account.condition.state === 'unsaved';
  let clock: HeardClock | undefined;
  const ask = async (given: AbortSignal): Promise<Finding[]> => {
    const { upstream } = account;
    if (upstream.kind !== 'command') {
      const url = new URL(upstream.url);
      if (!(await parts.proxies.isOpen(url, given))) {
        return [
          skipped(
            'account',
            `${nameOf(account)} was not asked, because its proxy does not answer.`,
            account.slug,
          ),
        ];
      }
      clock = await knock(account, url, parts.http, given);
    }
    if (isAsked) await parts.check(account, given);
    return [];
  };
  const asked = await within(parts.waitMs, signal, ask, () => tooLate(account, clock !== undefined)).catch(
    (error: unknown) => {
      signal.throwIfAborted();
      return failureFindings(account, asBridgeError(error));
    },
  );
  const findings = [...known, ...asked];
  const all = findings.length > 0 ? findings : [ok('account', `${nameOf(account)} works.`, account.slug)];
  return { findings: all, ...(clock ? { clock } : {}) };
}

/** Asks the address without any credential, as a browser would; every answer shows that somebody is there. */
async function knock(
  account: Account,
  url: URL,
  http: WorkspaceHttp,
  signal: AbortSignal,
): Promise<HeardClock | undefined> {
  const nobody: Workspace = {
    account,
    headers: async () => ({}),
    withoutSecrets: (text) => text,
    observe: () => undefined,
  };
  const headers = { accept: 'application/json, text/event-stream' };
  const before = Date.now();
  const answer = await http.ask(nobody, {
    method: 'GET',
    url,
    headers,
    headMs: limits.lookConnectMs,
    signal,
  });
  const after = Date.now();
  answer.body.destroy();
  return clockOf(answer, url.host, (before + after) / 2);
}

function clockOf(answer: HttpAnswer, host: string, now: number): HeardClock | undefined {
  const said = Date.parse(answer.header('date') ?? '');
  return Number.isNaN(said) ? undefined : { host, aheadMs: now - said };
}

function tooLate(account: Account, isThere: boolean): BridgeError {
  const how = isThere ? 'answers, but lets the handshake wait' : 'does not answer';
  return new BridgeError('timeout', `${hostOf(account)} ${how}.`);
}

/** What is known of an account without asking its workspace. Pure. */
export function conditionFindings(account: AccountView): Finding[] {
  const { condition, slug } = account;
  const name = nameOf(account);
  const text = `${name}: ${condition.text}`;
  switch (condition.state) {
    case 'ready':
      if (condition.wider === undefined) return [];
      return [
        notice('permission-missing', text, `Allow it by signing in again: gangway login ${slug}`, slug),
      ];
    case 'signing-in':
      return [ok('account', `${name} is being signed in.`, slug)];
    case 'sign-in-needed':
      return [
        bad('sign-in-needed', `${name}: ${whySignIn(account, hostOf(account))}`, signInFix(account), slug),
      ];
    case 'locked':
      return [skipped('account', `${name} was not asked, because its saved sign-in cannot be read.`, slug)];
    case 'offline':
      return [notice('sign-in-offline', text, 'Check the network; Gangway tries again by itself.', slug)];
    case 'blocked':
      return condition.action === 'wait'
        ? [notice('sign-in-blocked', text, 'Wait; Gangway tries again by itself.', slug)]
        : [bad('sign-in-blocked', text, `Ask whoever runs ${hostOf(account)}.`, slug)];
    case 'misconfigured':
      return [bad('sign-in-misconfigured', text, `Ask whoever runs ${hostOf(account)}.`, slug)];
    case 'unsaved':
      return [
        notice(
          'sign-in-unsaved',
          text,
          'Make room on the disk and unlock the keychain; Gangway saves it then.',
          slug,
        ),
      ];
    default:
      return condition.state satisfies never;
  }
}

function signInFix({ signIn, slug }: Account): string {
  if (signIn.kind === 'oauth') return `Sign in again: gangway login ${slug}`;
  if (signIn.kind === 'key') return `Enter a new key: gangway rotate ${slug}`;
  return `Remove it and add it again with a key or a sign-in: gangway remove ${slug}`;
}

/** What asking its workspace came to, by the code of the failure. */
function failureFindings(account: Account, { code, message }: BridgeError): Finding[] {
  const { slug } = account;
  const text = `${nameOf(account)}: ${message}`;
  const known = (account.upstream.kind === 'command' ? COMMAND_FAILURES : FAILURES)[code];
  if (known) return [checks[known.state](known.id, text, known.fix(account), slug)];
  // The keychain has a check of its own; a rule or a pause is what the person wants.
  if (/^(vault-|paused$|blocked$|stopping$)/.test(code)) return [skipped('account', text, slug)];
  return [notice('account-not-asked', text, `Try it by itself: gangway check ${slug}`, slug)];
}

const checks = { bad, notice };

interface Failure {
  readonly state: 'bad' | 'notice';
  readonly id: string;
  readonly fix: (account: Account) => string;
}

const askOthers = (account: Account): string =>
  `Ask whoever runs ${hostOf(account)}, or try later: gangway check ${account.slug}`;

const silent: Failure = { state: 'bad', id: 'workspace-silent', fix: askOthers };

const FAILURES: Partial<Record<ErrorCode, Failure>> = {
  'sign-in-needed': { state: 'bad', id: 'sign-in-refused', fix: signInFix },
  unreachable: {
    state: 'bad',
    id: 'workspace-unreachable',
    fix: () => 'Check the network, a VPN it may need, and the address of the account.',
  },
  tls: {
    state: 'bad',
    id: 'certificate-untrusted',
    fix: () =>
      'If your company inspects connections, add its certificate to the system store; else ask whoever runs the workspace.',
  },
  timeout: silent,
  'outcome-unknown': silent,
  'bad-answer': {
    state: 'bad',
    id: 'workspace-odd',
    fix: () => 'Check the address of the account, and whether this network wants a sign-in of its own first.',
  },
  refused: { state: 'bad', id: 'workspace-refuses', fix: askOthers },
  wait: { state: 'notice', id: 'workspace-busy', fix: () => 'Wait for as long as it asks.' },
};

const fails: Failure = {
  state: 'bad',
  id: 'command-fails',
  fix: () => 'Start the command by hand in a terminal and see what it says.',
};

/** Of a local command, which is not on any network. */
const COMMAND_FAILURES: Partial<Record<ErrorCode, Failure>> = {
  'sign-in-needed': { state: 'bad', id: 'sign-in-refused', fix: signInFix },
  unreachable: fails,
  refused: fails,
  timeout: fails,
  'outcome-unknown': fails,
  'bad-answer': { ...fails, fix: () => 'Check that this command is an MCP server.' },
};

function nameOf({ label }: Account): string {
  return oneLine(label, 80);
}
