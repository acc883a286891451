import { connectorOf } from '../connectors/catalog.ts';
import type { Connector } from '../connectors/connector.ts';
import type { Account, AccountId, SelectedUser, Upstream } from '../contract/account.ts';
import { NewAccount } from '../contract/control.ts';
import { BridgeError } from '../contract/errors.ts';
import type { Credential } from '../credentials/credential.ts';
import { readUser } from '../credentials/user.ts';
import { draftSignIn } from './draft-sign-in.ts';
import { draftUpstream } from './draft-upstream.ts';
import { cleanLabel, numberedLabel, slugFor } from './names.ts';

/** An account that is ready to be checked and saved, its secrets apart. */
export interface Draft {
  readonly account: Account;
  readonly credential: Credential;
  /** What was cleaned, completed or is worth a second look, one sentence each. */
  readonly notes: readonly string[];
}

export interface DraftContext {
  readonly id: AccountId;
  readonly now: Date;
  readonly accounts: readonly Account[];
}

/**
 * Turns what a person entered into an account, a credential and notes. Pure: looks nothing up and stores nothing.
 * @throws BridgeError `invalid-input` with the one thing to change; no message repeats a secret.
 */
export function draftAccount(entered: NewAccount, context: DraftContext): Draft {
  const parsed = NewAccount.safeParse(entered);
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') || 'a field';
    throw refuse(`This cannot be an account: ${field.slice(0, 60)} is not as expected.`);
  }
  const typed = parsed.data;
  const connector = connectorOf(typed.connector);
  const where = draftUpstream(connector, typed);
  const isCommand = where.upstream.kind === 'command';
  if (isCommand) refuseSecretsForCommand(typed);
  const how = draftSignIn(isCommand ? { ...connector, signIn: ['none'] } : connector, typed);
  const user = draftUser(connector, where.upstream, typed.user);
  const naming = draftLabel(typed.label, where.label, context.accounts);
  const account: Account = {
    id: context.id,
    slug: slugFor(
      naming.label,
      context.accounts.map(({ slug }) => slug),
    ),
    connector: connector.id,
    label: naming.label,
    // Staging must not look like production at a glance.
    color: typed.color ?? (where.environment === 'staging' ? 'amber' : connector.color),
    environment: where.environment,
    upstream: where.upstream,
    signIn: how.signIn,
    headers: { ...how.headers },
    secretHeaders: [...how.secretHeaders],
    ...(user ? { user } : {}),
    recentUsers: [],
    ownNetwork: typed.ownNetwork,
    rules: { readOnly: typed.readOnly, deny: [] },
    ...(how.signIn.kind === 'oauth'
      ? ({ state: 'sign-in-needed', signInReason: 'never' } as const)
      : ({ state: 'ready' } as const)),
    createdAt: context.now.toISOString(),
  };
  return { account, credential: how.credential, notes: [...where.notes, ...how.notes, ...naming.notes] };
}

/**
 * The user to act as on an existing account.
 * @throws BridgeError `invalid-input` when the workspace takes no user or the value cannot be sent.
 */
export function actingUser(account: Account, typed: string | SelectedUser): SelectedUser {
  const connector = connectorOf(account.connector);
  if (!takesUser(connector, account.upstream)) {
    throw refuse(`${account.label}: ${connector.label} has no members to act as.`);
  }
  return readUser(typed);
}

function takesUser(connector: Connector, upstream: Upstream): boolean {
  if (upstream.kind === 'command') return connector.command?.userOption !== undefined;
  return connector.user !== undefined;
}

function draftUser(
  connector: Connector,
  upstream: Upstream,
  typed: string | undefined,
): SelectedUser | undefined {
  if (!takesUser(connector, upstream)) {
    if (typed !== undefined) throw refuse(`${connector.label} takes no selected user. Leave it out.`);
    return undefined;
  }
  if (upstream.kind !== 'command' && typed === undefined) {
    throw refuse('Choose the member that calls run as: enter an e-mail address or a user id.');
  }
  return typed === undefined ? undefined : readUser(typed);
}

function refuseSecretsForCommand(typed: {
  readonly signIn?: 'none' | 'key' | 'oauth' | undefined;
  readonly key?: string | undefined;
  readonly clientId?: string | undefined;
  readonly clientMetadataUrl?: string | undefined;
  readonly keyHeader?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly secretHeaders: Readonly<Record<string, string>>;
}): void {
  const headers = Object.keys(typed.headers).length + Object.keys(typed.secretHeaders).length;
  const signsIn = typed.signIn === 'key' || typed.signIn === 'oauth' || typed.clientId !== undefined;
  if (signsIn || typed.key !== undefined || typed.keyHeader !== undefined || headers > 0) {
    throw refuse('A local command gets no key, no sign-in and no headers. Leave them out.');
  }
}

function draftLabel(
  typed: string | undefined,
  fallback: string,
  accounts: readonly Account[],
): { label: string; notes: string[] } {
  const cleaned = cleanLabel(typed ?? '');
  const wanted = cleaned || cleanLabel(fallback);
  const label = numberedLabel(
    wanted,
    accounts.map((account) => account.label),
  );
  const notes: string[] = [];
  if (typed !== undefined && cleaned !== typed.trim())
    notes.push(`The label was shortened or cleaned: ${wanted}`);
  if (label !== wanted) notes.push(`Another account is called ${wanted} too, so this one is ${label}.`);
  return { label, notes };
}

function refuse(message: string): BridgeError {
  return new BridgeError('invalid-input', message);
}
