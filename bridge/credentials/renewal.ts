import type { Log } from '../base/log.ts';
import type { Secret } from '../base/secret.ts';
import type { Account, AccountId } from '../contract/account.ts';
import type { TokenAnswer } from '../oauth/tokens.ts';
import { OAuthTrouble } from '../oauth/trouble.ts';
import { withGrant } from './credential.ts';
import { fingerprint } from './fingerprint.ts';
import type { Grant } from './grant.ts';
import type { GrantStore } from './grant-store.ts';
import { begun, ended, isDoubtful, isLeased, isSpent, LEASE_MS, renewedBy } from './journal.ts';
import type { Clock, Pause } from './lifetime.ts';

/** Between two looks at what another process is doing. */
const LOOK_MS = 500;
/** A connection that broke after the request left is mostly back by then. */
const SECOND_TRY_MS = 2_000;

/** What one request to a token endpoint is made of (RFC 6749 section 6, RFC 8707). */
export interface RefreshRequest {
  readonly account: Account;
  /** Its token endpoint, client and resource are the ones of the sign-in; no metadata changes them. */
  readonly grant: Grant;
  readonly refreshToken: Secret;
  readonly signal: AbortSignal;
}

/** @throws OAuthTrouble of the kind that the answer means. */
export type Refresh = (request: RefreshRequest) => Promise<TokenAnswer>;

export interface RenewalParts {
  readonly store: GrantStore;
  readonly refresh: Refresh;
  readonly clock: Clock;
  readonly pause: Pause;
  /** Names this process in the journal. */
  readonly instance: string;
  /** Whoever else began a renewal before this moment is gone; milliseconds since 1970. */
  readonly deadBefore: number;
  readonly log: Log;
}

/** One renewal: for whom, and what ends it early. */
export interface RenewalTask {
  readonly account: Account;
  /** The access token serves no more, so it goes on even when the journal cannot be written. */
  readonly isUrgent: boolean;
  /** False once the account was signed out, removed or signed in anew. */
  readonly isWanted: () => boolean;
  readonly signal: AbortSignal;
}

/**
 * - `renewed`: a new grant, saved or at least in memory; `savedMs` is the moment in which a crash would have lost it.
 * - `newer`: the vault had a newer grant already; nothing was sent.
 * - `gone`: nobody wants it any more; tokens that came all the same are in `discarded`.
 * - `failed`: with `doubtful` the refresh token may have been used up before by a renewal that was cut off.
 * - `spent`: the refresh token was exchanged before, so it was not sent.
 */
export type Renewed =
  | { readonly kind: 'renewed'; readonly grant: Grant; readonly savedMs: number }
  | { readonly kind: 'newer'; readonly grant: Grant }
  | { readonly kind: 'gone'; readonly discarded?: Grant }
  | { readonly kind: 'failed'; readonly trouble: OAuthTrouble; readonly doubtful: boolean }
  | { readonly kind: 'spent' | 'no-refresh-token' | 'not-now' };

interface Begun {
  readonly kind: 'begun';
  readonly grant: Grant;
  readonly refreshToken: Secret;
  readonly doubtful: boolean;
}

/**
 * Exchanges the account's refresh token for new tokens: looks whether somebody did it already, notes in the vault that
 * it begins, asks the server, saves the answer together with the end of that note. No token is used before that.
 */
export async function renewGrant(task: RenewalTask, parts: RenewalParts): Promise<Renewed> {
  const start = await begin(task, parts);
  if (start.kind !== 'begun') return start;
  const asked = await ask(task, start, parts);
  return asked.kind === 'answered' ? keep(task, start.grant, asked.answer, parts) : fail(task, asked, parts);
}

async function begin(task: RenewalTask, parts: RenewalParts): Promise<Renewed | Begun> {
  const { store, pause } = parts;
  const longest = LEASE_MS / LOOK_MS + 2;
  for (let looks = 0; ; looks += 1) {
    const mayTakeOver = looks >= longest;
    const step = await store.exclusively(task.account.id, () => beginOnce(task, parts, mayTakeOver));
    if (step !== 'leased') return step;
    await pause(LOOK_MS, task.signal);
  }
}

async function beginOnce(
  { account: { id }, isUrgent, isWanted }: RenewalTask,
  parts: RenewalParts,
  mayTakeOver: boolean,
): Promise<Renewed | Begun | 'leased'> {
  const { store, clock, instance, deadBefore } = parts;
  const isOthers = (grant: Grant): boolean => isLeased(grant, clock.now(), instance, deadBefore);
  const held = await store.held(id);
  if (!isWanted() || !held?.grant) return { kind: 'gone' };
  const isUnsaved = store.unsaved(id) !== undefined;
  let isReadable = true;
  const stored = await store.stored(id).catch(() => {
    isReadable = false;
    return undefined;
  });
  if (stored?.grant && isNewer(stored.grant, held.grant, id, store)) {
    store.adopt(id, stored);
    return { kind: 'newer', grant: stored.grant };
  }
  if (!isReadable && !isUrgent) return { kind: 'not-now' };
  // Another process signed out.
  if (isReadable && !isUnsaved && !stored?.grant) {
    store.adopt(id, stored ?? withGrant(undefined, undefined));
    return { kind: 'gone' };
  }
  const noted = stored?.grant && !isUnsaved ? stored.grant : held.grant;
  if (!mayTakeOver && isOthers(noted)) return 'leased';
  const { refreshToken } = held.grant;
  if (!refreshToken) return { kind: 'no-refresh-token' };
  const print = fingerprint(refreshToken);
  if (isSpent(held.grant, print)) return { kind: 'spent' };
  const doubtful = isDoubtful(noted, print);
  const grant = begun(held.grant, print, clock.now(), instance);
  const isNoted = await store.put(id, withGrant(held, grant));
  if (!isNoted && !isUrgent) {
    // Saving may have completed what memory has of the rest.
    store.adopt(id, withGrant(await store.held(id), held.grant));
    return { kind: 'not-now' };
  }
  // Whoever noted it at the same moment and last goes first.
  const confirmed = isNoted ? await store.stored(id).catch(() => undefined) : undefined;
  if (!mayTakeOver && confirmed?.grant && isOthers(confirmed.grant)) return 'leased';
  return { kind: 'begun', grant, refreshToken, doubtful };
}

type Asked =
  | { readonly kind: 'answered'; readonly answer: TokenAnswer }
  | { readonly kind: 'failed'; readonly trouble: OAuthTrouble; readonly doubtful: boolean };

/** One request; a second one with the same token when nobody knows what became of the first. */
async function ask(
  task: RenewalTask,
  { grant, refreshToken, doubtful }: Begun,
  parts: RenewalParts,
): Promise<Asked> {
  const { account, signal, isWanted } = task;
  const once = async (): Promise<Asked> => {
    try {
      return { kind: 'answered', answer: await parts.refresh({ account, grant, refreshToken, signal }) };
    } catch (error) {
      // Cut off here, so nobody knows what became of it.
      if (signal.aborted) return { kind: 'failed', trouble: cutOff(grant), doubtful: true };
      return { kind: 'failed', trouble: troubleFrom(error, account, parts.log), doubtful };
    }
  };
  const first = await once();
  if (first.kind === 'answered' || first.trouble.kind !== 'ambiguous') return first;
  const lost: Asked = { ...first, doubtful: true };
  try {
    await parts.pause(SECOND_TRY_MS, signal);
  } catch {
    return lost;
  }
  if (!isWanted()) return lost;
  const second = await once();
  return second.kind === 'answered' ? second : { ...second, doubtful: true };
}

async function keep(
  { account: { id }, isWanted }: RenewalTask,
  before: Grant,
  answer: TokenAnswer,
  { store, clock, log }: RenewalParts,
): Promise<Renewed> {
  const grant = renewedBy(before, answer, clock.now());
  const receivedAt = clock.monotonic();
  for (const note of answer.notes) log.info('grants.note', { account: id, note });
  return store.exclusively(id, async () => {
    const held = await store.held(id).catch(() => undefined);
    // What came for a sign-in that is over must not bring it back to life.
    if (!isWanted() || held?.grant?.generation !== before.generation)
      return { kind: 'gone', discarded: grant };
    await store.put(id, withGrant(held, grant));
    return { kind: 'renewed', grant, savedMs: clock.monotonic() - receivedAt };
  });
}

async function fail(
  { account: { id }, isWanted }: RenewalTask,
  failed: Extract<Asked, { kind: 'failed' }>,
  { store }: RenewalParts,
): Promise<Renewed> {
  return store.exclusively(id, async () => {
    const held = await store.held(id).catch(() => undefined);
    if (!isWanted() || !held?.grant) return { kind: 'gone' };
    if (failed.trouble.kind === 'grant-lost') {
      const stored = await store.stored(id).catch(() => undefined);
      if (stored?.grant && isNewer(stored.grant, held.grant, id, store)) {
        store.adopt(id, stored);
        return { kind: 'newer', grant: stored.grant };
      }
    }
    // While it is unknown what became of the refresh token, the note stays.
    if (!failed.doubtful) await store.put(id, withGrant(held, ended(held.grant)));
    return failed;
  });
}

/** Another process renewed it. Generations of a sign-in that was kept while the vault could not be read say nothing. */
function isNewer(stored: Grant, held: Grant, id: AccountId, store: GrantStore): boolean {
  return stored.generation > held.generation && !store.isPartial(id);
}

function cutOff({ tokenEndpoint }: Grant): OAuthTrouble {
  const { host } = new URL(tokenEndpoint);
  return new OAuthTrouble('transient', 'Gangway is stopping. Start it and try again.', { host });
}

/** Anything unforeseen is taken for a passing trouble: that never ends a sign-in. */
function troubleFrom(error: unknown, account: Account, log: Log): OAuthTrouble {
  if (error instanceof OAuthTrouble) return error;
  log.error('grants.fault', error, { account: account.id });
  return new OAuthTrouble('transient', 'The sign-in could not be renewed.', { host: '' }, error);
}
