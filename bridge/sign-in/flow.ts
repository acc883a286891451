import type { AccountCheck, Accounts } from '../accounts/accounts.ts';
import type { AccountRegistry } from '../accounts/registry.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import { oneLine } from '../base/text.ts';
import { type Account, hostOf } from '../contract/account.ts';
import { asBridgeError } from '../contract/errors.ts';
import type { SignInState } from '../contract/sign-in.ts';
import type { Authorizer } from '../credentials/authorizer.ts';
import type { Credential } from '../credentials/credential.ts';
import type { Grant } from '../credentials/grant.ts';
import type { Grants } from '../credentials/grants.ts';
import { missingScope, scopeUnion } from '../credentials/scopes.ts';
import type { Discovered } from '../oauth/discovery.ts';
import { boundsOf } from '../oauth/http.ts';
import { revokeToken } from '../oauth/revocation.ts';
import type { Desk } from './attempt.ts';
import { type Authorized, type AuthorizeParts, authorize } from './authorize.ts';
import { SignInFailed } from './failure.ts';
import { grantFrom } from './grant-from.ts';
import { identify } from './identify.ts';
import { findPlace } from './place.ts';
import { askNoScope, askSameIdentity } from './questions.ts';
import { type Found, judgeWho } from './who.ts';

export interface SignInParts extends AuthorizeParts {
  readonly registry: Pick<AccountRegistry, 'get' | 'find' | 'snapshot' | 'update' | 'changed'>;
  readonly accounts: Pick<Accounts, 'remove'>;
  readonly authorizer: Pick<Authorizer, 'credential' | 'hold'>;
  readonly grants: Pick<Grants, 'signedIn' | 'standing'>;
  /** Opens the vault, asking the person where the system wants that. @throws BridgeError `vault-*`. */
  readonly openVault: (signal: AbortSignal) => Promise<void>;
  readonly check: (account: Account, signal: AbortSignal) => Promise<AccountCheck>;
  readonly log: Log;
}

interface Granted {
  readonly grant: Grant;
  readonly found: Found;
  readonly notes: readonly string[];
}

/**
 * Signs a person in to one account. Nothing is stored before it is known who signed in; what is not stored is given
 * back to the authorization server.
 * @param wider scopes to ask for besides those of the last sign-in.
 * @throws OAuthTrouble, SignInFailed, BridgeError; the signal's reason when cancelled.
 */
export async function signIn(
  desk: Desk,
  account: Account,
  wider: string | undefined,
  parts: SignInParts,
): Promise<SignInState> {
  // Better now than when the person comes back with a sign-in that cannot be saved.
  await parts.openVault(desk.signal);
  const credential = await parts.authorizer.credential(account.id, desk.signal);
  const before = credential?.grant;
  if (before && account.signInReason === 'client-lost') parts.clients.doubt(before.client);
  const place = await findPlace(desk, account, before, parts.http);
  const more = wider ?? parts.grants.standing(account.id).wider;
  const scope = more === undefined ? place.scope : scopeUnion(before?.requestedScope, place.scope, more);
  for (;;) {
    const granted = await grantedBy(desk, account, place, scope, credential, parts);
    const { registry } = parts;
    const verdict = judgeWho(registry.get(account.id) ?? account, granted.found, registry.snapshot.accounts);
    switch (verdict.kind) {
      case 'fits':
        return store(desk, account, granted, place, parts);
      case 'somebody-else':
      case 'unknown':
        await giveBack(granted.grant, account, parts);
        throw wrongPerson(account, granted.found, verdict);
      case 'twice': {
        const choice = await desk
          .ask(askSameIdentity(granted.found.summary, verdict.other))
          .catch(async (error: unknown) => {
            await giveBack(granted.grant, account, parts);
            throw error;
          });
        if (choice === 'keep-both') return store(desk, account, granted, place, parts);
        if (choice === 'update') return updateOther(desk, account, verdict.other, granted, place, parts);
        await giveBack(granted.grant, account, parts);
        break;
      }
      default:
        return verdict satisfies never;
    }
  }
}

/** Rounds at the authorization server until it grants something, and who it says signed in. */
async function grantedBy(
  desk: Desk,
  account: Account,
  place: Discovered,
  wanted: string | undefined,
  credential: Credential | undefined,
  parts: SignInParts,
): Promise<Granted> {
  let scope = wanted;
  let hasReplacedClient = false;
  for (;;) {
    const round: Authorized = await authorize(desk, account, place, scope, parts);
    if (round.kind === 'scope-refused') {
      if (scope === undefined) {
        throw new SignInFailed(
          'refused',
          `${new URL(place.server.issuer).host} refuses every choice of permissions.`,
          'Tell the provider of the workspace what is wrong.',
        );
      }
      await desk.ask(askNoScope(new URL(place.server.issuer).host));
      scope = undefined;
      continue;
    }
    if (round.kind === 'client-refused') {
      parts.clients.doubt(round.client);
      if (hasReplacedClient) {
        throw new SignInFailed(
          'refused',
          `${new URL(place.server.issuer).host} does not recognise Gangway, even newly registered.`,
          'Register Gangway there, then add the account with --client-id.',
        );
      }
      hasReplacedClient = true;
      continue;
    }
    const grant = grantFrom(round, place, scope, parts.now());
    try {
      desk.signal.throwIfAborted();
      desk.show({ step: 'identity', host: hostOf(account) });
      const { found, notes } = await identify(
        account,
        grant,
        round.tokens.claims,
        credential,
        parts,
        desk.signal,
      );
      return { grant, found, notes: [...notes, ...scopeNotes(scope, grant), ...renewalNotes(grant)] };
    } catch (error) {
      await giveBack(grant, account, parts);
      throw error;
    }
  }
}

async function store(
  desk: Desk,
  account: Account,
  { grant, found, notes }: Granted,
  place: Discovered,
  parts: SignInParts,
): Promise<SignInState> {
  const { registry, grants, now } = parts;
  const current = registry.get(account.id);
  // Judged once more: a question may have been open for minutes, and `account` may be another than it was asked about.
  const verdict = current && judgeWho(current, found, []);
  if (current && verdict && verdict.kind !== 'fits' && verdict.kind !== 'twice' && !desk.signal.aborted) {
    await giveBack(grant, account, parts);
    throw wrongPerson(current, found, verdict);
  }
  if (desk.signal.aborted || !current) {
    await giveBack(grant, account, parts);
    throw (
      desk.signal.reason ?? new SignInFailed('account-unknown', 'The account was removed.', 'Add it again.')
    );
  }
  // From here on it is done, whatever the person clicks.
  const { saved } = await grants.signedIn(account.id, grant, AbortSignal.timeout(limits.keychainPromptMs));
  const scope = grant.scope ?? grant.requestedScope;
  const updated = await registry.update(account.id, ({ signInReason: _, ...one }) => ({
    ...one,
    state: 'ready',
    ...(found.identity ? { identity: found.identity } : {}),
    ...(one.signIn.kind === 'oauth' && place.legacy ? { signIn: { ...one.signIn, legacy: true } } : {}),
    grant: {
      issuer: grant.issuer,
      ...(found.subject === undefined ? {} : { subject: found.subject.slice(0, 300) }),
      ...(scope === undefined ? {} : { scope }),
      renewable: grant.refreshToken !== undefined,
      signedInAt: now().toISOString(),
    },
  }));
  const unsaved = saved
    ? []
    : ['Signed in, but saving failed. It works until Gangway stops; saving is tried again.'];
  return { step: 'done', account: updated.id, who: found.summary, notes: [...notes, ...unsaved] };
}

/** The person chose to renew the account they have; an entry that was only made for this sign-in goes. */
async function updateOther(
  desk: Desk,
  account: Account,
  other: Account,
  granted: Granted,
  place: Discovered,
  parts: SignInParts,
): Promise<SignInState> {
  const done = await store(desk, other, granted, place, parts);
  const now = parts.registry.get(account.id);
  if (now?.signInReason !== 'never') return done;
  try {
    await parts.accounts.remove(account.id, AbortSignal.timeout(limits.shutdownMs));
  } catch (error) {
    parts.log.warn('sign-in.entry-left', { account: account.id, code: asBridgeError(error).code });
  }
  return done;
}

/**
 * Tells the authorization server that tokens which are not stored are not needed; best effort (RFC 7009). Not while an
 * account here is signed in by the same client: some servers end everything the person granted to it then.
 */
async function giveBack(grant: Grant, account: Account, { http, clients, log }: SignInParts): Promise<void> {
  const { revocationEndpoint: endpoint, client, refreshToken, accessToken } = grant;
  const within = AbortSignal.timeout(limits.revocationMs);
  if (endpoint === undefined || (await clients.isUsed(client, undefined, within))) return;
  const fetch = http.fetch(boundsOf(account), limits.revocationMs);
  const tokens = [
    ...(refreshToken ? [{ token: refreshToken, hint: 'refresh_token' as const }] : []),
    { token: accessToken, hint: 'access_token' as const },
  ];
  await Promise.all(
    tokens.map(({ token, hint }) =>
      revokeToken({ endpoint, client, token, hint }, fetch, AbortSignal.timeout(limits.revocationMs)).catch(
        () => log.warn('sign-in.not-given-back', { account: account.id }),
      ),
    ),
  );
}

function wrongPerson(
  account: Account,
  found: Found,
  verdict: { kind: string; expected: string },
): SignInFailed {
  const expected = oneLine(verdict.expected, 80);
  if (verdict.kind === 'unknown') {
    return new SignInFailed(
      'conflict',
      `${account.label} belongs to ${expected}, and ${hostOf(account)} did not say who signed in now. Nothing was stored.`,
      'Try again in a moment.',
    );
  }
  return new SignInFailed(
    'conflict',
    `You signed in as ${oneLine(found.summary, 80)}, but ${account.label} belongs to ${expected}. Nothing was stored.`,
    `Start again and choose ${expected}, or add another account.`,
  );
}

function scopeNotes(asked: string | undefined, grant: Grant): string[] {
  const missing = missingScope(asked, grant.scope);
  return missing === undefined ? [] : [`Not granted: ${oneLine(missing, 200)}.`];
}

function renewalNotes(grant: Grant): string[] {
  if (grant.refreshToken) return [];
  return [
    'The server gave nothing to renew this sign-in with, so you will have to sign in again when it runs out.',
  ];
}
