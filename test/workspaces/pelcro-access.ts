import { type Arrival, bearerOf } from './arrival.ts';

/** One of a publisher's accounts. A token is scoped to exactly one. */
export interface PelcroAccount {
  readonly id: string;
  readonly name: string;
  /** Ids of its sites, which most tools need. */
  readonly sites: readonly string[];
}

/** Says which account a request was granted. Another way to sign in is another implementation of this. */
export interface PelcroAccess {
  /** @param origin of the workspace that was asked. */
  accountOf(arrival: Arrival, origin: string): PelcroAccount | undefined;
  /** The `WWW-Authenticate` of a 401. */
  challenge(origin: string): string;
  /** Documents at well-known addresses, by path. */
  documents(origin: string): Readonly<Record<string, unknown>>;
}

/** Fixed bearer tokens, one or more per account. */
export function tokenAccess(accounts: readonly (PelcroAccount & { readonly token: string })[]): PelcroAccess {
  return {
    accountOf: (arrival) => {
      const given = bearerOf(arrival);
      return accounts.find(({ token }) => token === given);
    },
    challenge: () => 'Bearer realm="pelcro", error="invalid_token"',
    documents: () => ({}),
  };
}
