import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { adoptSecret, type CanaryKind } from '../canary/canary.ts';
import { findLeaks, leakLine } from '../canary/scan.ts';
import { type Arrival, bearerOf } from '../workspaces/arrival.ts';
import { type PelcroOAuth, startPelcroOAuth } from '../workspaces/pelcro-oauth.ts';
import { accounts, numberOf, type Place, type PlaceName, places } from './accounts.ts';
import { serve } from './colleague.ts';
import { Fixture } from './fixture.ts';
import { Ledger, TWICE } from './ledger.ts';

/*
 * The workspaces of an endurance run, and everything that knows their secrets: the two authorization servers, and the
 * search for what leaked.
 */

export interface Secret {
  readonly name: string;
  readonly kind: CanaryKind;
  readonly value: string;
}

/** What the workspaces saw. */
export interface Seen {
  readonly executed: number;
  readonly twice: number;
  /** Credentials at a workspace that they do not belong to, and sessions used by another account than opened them. */
  readonly astray: number;
  /** Access tokens that had expired when they came. */
  readonly expired: number;
  readonly renewals: number;
  readonly refusedRenewals: number;
  /** Times a browser was led to an authorization server. */
  readonly authorizations: number;
}

const ledger = new Ledger();
const counts = { executed: 0, twice: 0, foreign: 0, expired: 0 };
const keys = new Map<string, string>();
const fixtures = new Map<PlaceName, Fixture>();
const servers = new Map<PlaceName, PelcroOAuth>();

const duties = {
  /** Opens everything; answers where each workspace is. */
  async start(given: { secrets: readonly Secret[]; tokenSeconds: number }): Promise<Record<string, string>> {
    for (const { name, kind, value } of given.secrets) {
      keys.set(name, value);
      adoptSecret(kind, value);
    }
    const urls: Record<string, string> = {};
    for (const place of places) urls[place.name] = await open(place, given.tokenSeconds);
    return urls;
  },

  /** Secrets that were made elsewhere, to be looked for too. */
  adopt(values: readonly string[]): void {
    for (const value of values) adoptSecret('local', value);
  },

  async restart(name: PlaceName): Promise<void> {
    await fixtures.get(name)?.restart();
  },

  seen(_: null): Seen {
    const logs = [...servers.values()].map(({ requests }) => requests);
    const renewals = logs.flatMap((log) => log.tokens('refresh_token'));
    const borrowed = [...fixtures.values()].reduce((sum, { borrowedSessions }) => sum + borrowedSessions, 0);
    return {
      executed: counts.executed,
      twice: counts.twice,
      astray: counts.foreign + borrowed,
      expired: counts.expired,
      renewals: renewals.length,
      refusedRenewals: renewals.filter(({ status }) => status !== 200).length,
      authorizations: logs.flatMap((log) => log.of('authorization')).length,
    };
  },

  executions(_: null): readonly Uint8Array[] {
    return ledger.rows;
  },

  /** A line for every secret found in these texts, or in the files of these folders. */
  search(given: { texts: Readonly<Record<string, string>>; folders: readonly string[] }): string[] {
    const inTexts = Object.entries(given.texts).flatMap(([place, text]) => findLeaks(place, text));
    const inFiles = given.folders.flatMap((folder) => {
      const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
      const files = entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
      return files.flatMap((path) => findLeaks(`file ${path}`, readFileSync(path)));
    });
    return [...inTexts, ...inFiles].map(leakLine);
  },
};
export type WorkspaceDuties = typeof duties;
serve(duties);

async function open(place: Place & { readonly name: PlaceName }, tokenSeconds: number): Promise<string> {
  const here = accounts.filter((account) => account.place === place.name);
  const oauth =
    place.signIn === 'oauth'
      ? await startPelcroOAuth({
          accounts: here.map(({ id }) => ({ id, name: id, sites: [] })),
          accessTokenSeconds: tokenSeconds,
        })
      : undefined;
  if (oauth) servers.set(place.name, oauth);
  const byKey = (arrival: Arrival): number => {
    const found = here.find(
      ({ user, key }) =>
        key !== undefined &&
        arrival.headers[key.header] ===
          (key.header === 'authorization' ? `Bearer ${keys.get(key.name)}` : keys.get(key.name)) &&
        (key.kind !== 'allv' || arrival.headers['x-allv-user-email'] === user),
    );
    return numberOf(found?.id ?? '');
  };
  const fixture: Fixture = new Fixture({
    place,
    identify: (arrival, origin) =>
      oauth ? numberOf(oauth.access.accountOf(arrival, origin)?.id ?? '') : byKey(arrival),
    stranger: (arrival) => {
      // The first request of a sign-in carries nothing.
      if (oauth && bearerOf(arrival) === undefined) return;
      if (!oauth || isForeign(arrival, place.name)) counts.foreign += 1;
      else counts.expired += 1;
    },
    execute,
    challenge: (origin) => oauth?.access.challenge(origin) ?? 'Bearer',
    documents: (origin) => oauth?.access.documents(origin) ?? {},
  });
  await fixture.start();
  oauth?.protect(oauth.resourceAt(fixture.origin));
  fixtures.set(place.name, fixture);
  return fixture.url;
}

/** It carries a credential of another workspace. */
function isForeign(arrival: Arrival, here: PlaceName): boolean {
  const token = bearerOf(arrival) ?? '';
  if ([...keys.values()].some((key) => Object.values(arrival.headers).some((value) => value.includes(key)))) {
    return true;
  }
  return [...servers].some(([name, { granted, resourceAt }]) => {
    const origin = fixtures.get(name)?.origin;
    return name !== here && origin !== undefined && granted(token, resourceAt(origin)) !== undefined;
  });
}

function execute(nonce: string, account: number): void {
  const [client, call] = nonce.split('.').map(Number);
  if (client === undefined || call === undefined || Number.isNaN(client + call)) return;
  counts.executed += 1;
  if (ledger.get(client, call) !== 0) {
    counts.twice += 1;
    ledger.set(client, call, TWICE);
  } else ledger.set(client, call, account);
}
