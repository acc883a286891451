import { randomInt } from 'node:crypto';
import { limits } from '../base/limits.ts';
import type { Account } from '../contract/account.ts';
import type { Credential } from '../credentials/credential.ts';
import { hostIn } from '../oauth/address.ts';
import type { OAuthClient } from '../oauth/client.ts';
import type { AuthorizationServer } from '../oauth/discovery.ts';
import type { Bounds, OAuthFetch } from '../oauth/http.ts';
import { metadataClient, ownClient, register, unregister, usableClient } from '../oauth/registration.ts';
import { SignInFailed } from './failure.ts';

export interface ClientsParts {
  readonly accounts: () => readonly Account[];
  readonly credential: (account: Account, signal: AbortSignal) => Promise<Credential | undefined>;
  readonly now: () => Date;
  readonly version: string;
}

/** Ports that a registration names besides the one in use, so that several people's sign-ins fit beside each other. */
const SPARE_PORTS = 4;

/**
 * Gangway's registrations at authorization servers: one for each issuer, shared by all its accounts. They are kept with
 * the accounts' grants; those of sign-ins that never ended well live here until the process ends.
 */
export class Clients {
  readonly #parts: ClientsParts;
  readonly #fresh = new Map<string, OAuthClient>();
  /** Clients a server did not recognise, or whose sign-in page never led back. They are not tried again. */
  readonly #doubtful = new Set<string>();
  /** When clients were registered or got tokens; milliseconds since 1970. */
  readonly #proven = new Map<string, number>();

  constructor(parts: ClientsParts) {
    this.#parts = parts;
  }

  /**
   * A client that can be used without registering: the person's own, a metadata document where the server takes them,
   * or an earlier registration (MCP authorization, client registration order).
   * @throws SignInFailed when the person's own was used at another server so far.
   */
  async known(
    account: Account,
    server: AuthorizationServer,
    signal: AbortSignal,
  ): Promise<OAuthClient | undefined> {
    const { signIn } = account;
    if (signIn.kind !== 'oauth') return undefined;
    const { issuer } = server;
    if (signIn.clientId !== undefined) {
      refuseElsewhere(account, server);
      const secret = (await this.#parts.credential(account, signal))?.clientSecret;
      return ownClient({ id: signIn.clientId, server, ...(secret ? { secret } : {}) });
    }
    if (signIn.clientMetadataUrl !== undefined && server.takesClientMetadata) {
      const client = metadataClient(signIn.clientMetadataUrl, issuer);
      if (!this.#isDoubtful(client) || server.registrationEndpoint === undefined) return client;
    }
    const fresh = this.#fresh.get(issuer);
    if (fresh && this.#serves(fresh, server)) return fresh;
    for await (const [, client] of this.#used(signal)) {
      if (client.kind === 'registered' && this.#serves(client, server)) return client;
    }
    return undefined;
  }

  /** Every account that has a sign-in, with the client it was given to; not those whose client is lost. */
  async *#used(signal: AbortSignal): AsyncGenerator<[Account, OAuthClient]> {
    for (const account of this.#parts.accounts()) {
      if (account.signIn.kind !== 'oauth' || account.signInReason === 'client-lost') continue;
      const credential = await this.#parts.credential(account, signal).catch(() => undefined);
      if (credential?.grant) yield [account, credential.grant.client];
    }
  }

  /** Registers anew, with the port in use and a few more. @throws OAuthTrouble. */
  async register(
    server: AuthorizationServer,
    port: number,
    bounds: Bounds,
    fetch: OAuthFetch,
    signal: AbortSignal,
  ): Promise<OAuthClient> {
    const ports = [port, ...Array.from({ length: SPARE_PORTS }, () => randomInt(49_152, 65_536))];
    const { version, now } = this.#parts;
    const request = { server, ports, bounds, clientName: 'Gangway', version };
    const client = await register(request, fetch, signal, () => now().getTime());
    this.#fresh.set(server.issuer, client);
    this.prove(client);
    return client;
  }

  /** The server knows this client. */
  prove(client: OAuthClient): void {
    this.#proven.set(keyOf(client), this.#parts.now().getTime());
  }

  /**
   * The page never led back. It may have said that it does not know the client, unless that was seen to work lately, or
   * an account is well with it.
   */
  async doubtUnlessProven(client: OAuthClient): Promise<void> {
    const age = this.#parts.now().getTime() - (this.#proven.get(keyOf(client)) ?? 0);
    if (age < limits.signInMs) return;
    for await (const [account, used] of this.#used(new AbortController().signal)) {
      if (account.state === 'ready' && keyOf(used) === keyOf(client)) return;
    }
    this.doubt(client);
  }

  /** Whether an account besides `except` is signed in by this client. */
  async isUsed(client: OAuthClient, except: Account | undefined, signal: AbortSignal): Promise<boolean> {
    for (const account of this.#parts.accounts()) {
      if (account.id === except?.id || account.signIn.kind !== 'oauth') continue;
      try {
        const used = (await this.#parts.credential(account, signal))?.grant?.client;
        if (used && keyOf(used) === keyOf(client)) return true;
      } catch {
        // What cannot be read may be it.
        if (account.grant === undefined || account.grant.issuer === client.issuer) return true;
      }
    }
    return false;
  }

  /**
   * The last account that was signed in by this client is gone, so it is deleted at the server where that can be done
   * (RFC 7592). Best effort.
   */
  async release(
    client: OAuthClient,
    removed: Account,
    fetch: OAuthFetch,
    signal: AbortSignal,
  ): Promise<void> {
    if (client.kind !== 'registered' || (await this.isUsed(client, removed, signal))) return;
    if (this.#fresh.get(client.issuer)?.id === client.id) this.#fresh.delete(client.issuer);
    await unregister(client, fetch, signal);
  }

  /** The server did not recognise this client, or its page never led back: the next sign-in uses another. */
  doubt(client: OAuthClient): void {
    if (client.kind === 'own') return;
    this.#doubtful.add(keyOf(client));
    if (this.#fresh.get(client.issuer)?.id === client.id) this.#fresh.delete(client.issuer);
  }

  #serves(client: OAuthClient, server: AuthorizationServer): boolean {
    return usableClient(client, server, this.#parts.now().getTime()) && !this.#isDoubtful(client);
  }

  #isDoubtful(client: OAuthClient): boolean {
    return this.#doubtful.has(keyOf(client));
  }
}

/** What a person registered at one server is shown to no other, whatever the workspace names now (RFC 9700 section 4.4). */
function refuseElsewhere({ label, grant }: Account, { issuer }: AuthorizationServer): void {
  if (grant === undefined || grant.issuer === issuer) return;
  const [from, to] = [hostIn(grant.issuer), hostIn(issuer)];
  throw new SignInFailed(
    'refused',
    `The client id of ${label} belongs to ${from}, so it was not used at ${to}.`,
    `Register Gangway at ${to}, then add the account again with that client id.`,
  );
}

function keyOf(client: OAuthClient): string {
  return JSON.stringify([client.issuer, client.id]);
}
