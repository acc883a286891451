import type { Adapter, AdapterPayload } from 'oidc-provider';
import { adoptSecret, type CanaryKind } from '../canary/canary.ts';

/** What of an authorization server nobody else may see. */
const SECRET: ReadonlySet<string> = new Set([
  'AccessToken',
  'AuthorizationCode',
  'RefreshToken',
  'RegistrationAccessToken',
]);

export interface GrantStoreOptions {
  /** The shape of its access tokens, for the search for leaked secrets. */
  readonly kind: CanaryKind;
  /** A refresh token stays good until its successor has been used, for clients that lose an answer. */
  readonly graceful: boolean;
}

/** Everything an authorization server knows, in memory. Every secret it issues is known to the scan for leaks. */
export class GrantStore {
  readonly #models = new Map<string, Map<string, AdapterPayload>>();
  readonly #options: GrantStoreOptions;
  /** By grant, the refresh token whose successor has not been used yet. */
  readonly #spent = new Map<string, string>();

  constructor(options: GrantStoreOptions) {
    this.#options = options;
  }

  /** The access tokens by value; those that have expired too. */
  get accessTokens(): ReadonlyMap<string, AdapterPayload> {
    return this.#model('AccessToken');
  }

  /** Takes every access token of a grant away. */
  dropAccessTokens(grantId: string): void {
    this.#drop('AccessToken', grantId);
  }

  /** Takes a grant away with all its tokens and codes. */
  dropGrant(grantId: string): void {
    for (const model of this.#models.keys()) this.#drop(model, grantId);
    this.#model('Grant').delete(grantId);
  }

  /** The storage of one kind of record, as oidc-provider wants it. */
  adapter(model: string): Adapter {
    const records = this.#model(model);
    const findBy = async (name: 'uid' | 'userCode', value: string) =>
      [...records.values()].find((record) => record[name] === value);
    return {
      upsert: async (id, record) => {
        if (SECRET.has(model) && !records.has(id)) {
          adoptSecret(model === 'AccessToken' ? this.#options.kind : 'bearer', id);
        }
        records.set(id, record);
      },
      find: async (id) => records.get(id),
      findByUid: (uid) => findBy('uid', uid),
      findByUserCode: (code) => findBy('userCode', code),
      consume: async (id) => this.#consume(records, id),
      destroy: async (id) => void records.delete(id),
      revokeByGrantId: async (grantId) => this.#drop(model, grantId),
    };
  }

  #model(name: string): Map<string, AdapterPayload> {
    const records = this.#models.get(name) ?? new Map<string, AdapterPayload>();
    this.#models.set(name, records);
    return records;
  }

  #drop(model: string, grantId: string): void {
    const records = this.#model(model);
    for (const [id, record] of records) if (record.grantId === grantId) records.delete(id);
  }

  #consume(records: ReadonlyMap<string, AdapterPayload>, id: string): void {
    const record = records.get(id);
    const consumed = Math.floor(Date.now() / 1_000);
    if (record === undefined) return;
    if (!this.#options.graceful || record.kind !== 'RefreshToken' || record.grantId === undefined) {
      record.consumed = consumed;
      return;
    }
    const before = this.#spent.get(record.grantId);
    this.#spent.set(record.grantId, id);
    const spent = before === undefined || before === id ? undefined : records.get(before);
    if (spent !== undefined) spent.consumed = consumed;
  }
}
