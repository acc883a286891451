import { limits } from '../base/limits.ts';
import { Account } from '../contract/account.ts';
import { BridgeError } from '../contract/errors.ts';
import { Asking, type Welcome } from './asking.ts';
import type { WorkspaceHttp } from './http.ts';
import { StreamableChannel } from './streamable.ts';
import type { Workspace } from './workspace.ts';

/** How an address answers somebody it does not know. */
export type Reception =
  | {
      readonly kind: 'welcome';
      /** What it calls itself, one line; empty when it gave no name. */
      readonly server: string;
      readonly protocolVersion: string;
      /** It lets everybody see its tools. Some shake hands with everybody and ask for a sign-in only then. */
      readonly isOpen: boolean;
    }
  /** It wants a sign-in before it says anything. */
  | { readonly kind: 'sign-in' }
  | Failed;

export interface Failed {
  readonly kind: 'failed';
  /** What did not work; all before it did. */
  readonly at: 'reachable' | 'certificate' | 'protocol';
  /** One sentence or two for people. */
  readonly text: string;
}

export interface LookOptions {
  readonly http: WorkspaceHttp;
  /** Of Gangway. */
  readonly version: string;
  readonly signal: AbortSignal;
  /** Told when there is a connection, with a good certificate where it has one. */
  readonly onMet: () => void;
}

/**
 * Shakes hands with whatever is at an address, without any credential, and ends the session again. Nothing is changed
 * there. Throws only the signal's reason.
 */
export async function lookAt(url: URL, options: LookOptions): Promise<Reception> {
  const { http, version, signal, onMet } = options;
  let status: number | undefined;
  const workspace: Workspace = {
    ...withoutAccount(url),
    observe: (seen) => {
      status = seen;
    },
    left: onMet,
  };
  await using channel = new StreamableChannel(url, workspace, http, limits.lookBytes);
  const asking = new Asking(channel, workspace, signal);
  try {
    const welcome = await asking.greet(version);
    const { server, protocolVersion } = welcome;
    return { kind: 'welcome', server, protocolVersion, isOpen: await isOpen(asking, welcome) };
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    if (error.code === 'sign-in-needed') return { kind: 'sign-in' };
    return failureOf(error, url.host, status);
  }
}

async function isOpen(asking: Asking, { hasTools }: Welcome): Promise<boolean> {
  try {
    // A workspace without tools has nothing that every account asks for.
    if (hasTools) await asking.toolPages().next();
    return true;
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    return error.code === 'too-large';
  }
}

/**
 * What a trouble says of an address that nobody has an account for yet.
 * @param status of the last response, if there was any.
 */
export function failureOf(
  { code, message }: Pick<BridgeError, 'code' | 'message'>,
  host: string,
  status: number | undefined,
): Failed {
  if (code === 'unreachable') return { kind: 'failed', at: 'reachable', text: message };
  if (code === 'tls') return { kind: 'failed', at: 'certificate', text: message };
  const text = WORDS.get(status ?? 0)?.(host) ?? forNobody(message);
  return { kind: 'failed', at: 'protocol', text };
}

/** A handshake changes nothing, and there is no account. */
function forNobody(message: string): string {
  return message
    .replace(/ It may (or may not )?have been carried out\..*$/, '')
    .replace("the account's address", 'the address');
}

/** Statuses whose usual sentence speaks of an account. */
const WORDS: ReadonlyMap<number, (host: string) => string> = new Map([
  [403, (host) => `${host} refuses to answer (403), so what is there cannot be told.`],
  [404, (host) => `${host} has no MCP server at this address (404). Check the path.`],
  [
    405,
    (host) =>
      `${host} takes no MCP messages at this address (405). Check the path; if the server speaks HTTP+SSE, choose that.`,
  ],
  [410, (host) => `The MCP server at this address of ${host} is gone for good (410).`],
]);

/** An account that holds nothing and signs in nowhere. */
function withoutAccount(url: URL): Omit<Workspace, 'observe'> {
  const account = Account.parse({
    id: 'acc_00000000',
    slug: 'nobody',
    connector: 'custom',
    label: url.host.slice(0, 80),
    color: 'slate',
    environment: 'production',
    upstream: { kind: 'http', url: url.href },
    signIn: { kind: 'none' },
    headers: {},
    secretHeaders: [],
    recentUsers: [],
    ownNetwork: true,
    rules: { readOnly: false, deny: [] },
    state: 'ready',
    createdAt: new Date(0).toISOString(),
  });
  return { account, headers: async () => ({}), withoutSecrets: (text) => text };
}
