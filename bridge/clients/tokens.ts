import { createHash, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { deepFreeze } from '../base/deep-freeze.ts';
import { Signal } from '../base/events.ts';
import { JsonFile, type Migration } from '../base/json-file.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import { KeyedQueue } from '../base/tasks.ts';
import { oneLine } from '../base/text.ts';
import { ClientToken } from '../contract/control.ts';
import { BridgeError } from '../contract/errors.ts';

/** Lifts of clients.json; `migrations[n]` takes version n to n+1. */
const migrations: readonly Migration[] = [];

const StoredToken = ClientToken.extend({ sha256: z.string().regex(/^[0-9a-f]{64}$/) });
const TokensDocument = z.strictObject({ clients: z.array(StoredToken) });
type StoredToken = z.infer<typeof StoredToken>;

const PREFIX = 'gw_';
const ADDRESS = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** A client that showed its token. */
export interface KnownClient {
  readonly id: string;
  readonly label: string;
  /** The address it may use: `current`, a connector or an account's slug. */
  readonly address: string;
}

/** A token just made; the only moment at which it can be read. */
export interface MintedToken extends KnownClient {
  readonly token: string;
}

export interface ClientTokensParts {
  readonly path: string;
  readonly log: Log;
  readonly now: () => Date;
  /** Is told every token that is made, so that it stays out of logs. */
  readonly learn: (secret: string) => void;
}

/**
 * The local tokens by which the bridge knows its clients. A token is 256 random bits, so an unsalted SHA-256 of it can
 * be stored without giving it away.
 */
export class ClientTokens implements AsyncDisposable {
  readonly changed = new Signal<readonly ClientToken[]>();
  /** Where a damaged file was moved when the tokens were opened. */
  readonly setAside: string | undefined;
  readonly #parts: ClientTokensParts;
  readonly #file: JsonFile<z.infer<typeof TokensDocument>>;
  readonly #queue = new KeyedQueue<'clients'>();
  /** When each client was last recognised. */
  readonly #used = new Map<string, Date>();
  /** Digests as bytes, which every request is compared with. */
  readonly #digests = new WeakMap<StoredToken, Buffer>();
  #clients: readonly StoredToken[];
  /** What a connection showed last, and the clients it was found among. */
  readonly #shown = new WeakMap<
    object,
    { token: string; among: readonly StoredToken[]; client: StoredToken }
  >();
  #saving: NodeJS.Timeout | undefined;

  private constructor(
    parts: ClientTokensParts,
    file: JsonFile<z.infer<typeof TokensDocument>>,
    clients: readonly StoredToken[],
    setAside: string | undefined,
  ) {
    this.#parts = parts;
    this.#file = file;
    this.#clients = clients;
    this.setAside = setAside;
  }

  /** Reads clients.json, or begins with no client. @throws BridgeError `newer-file`, `storage`. */
  static async open(parts: ClientTokensParts): Promise<ClientTokens> {
    const file = new JsonFile({
      path: parts.path,
      what: 'The list of clients',
      schema: TokensDocument,
      migrations,
      empty: () => ({ clients: [] }),
    });
    const { document, setAside } = await file.read();
    if (setAside) parts.log.warn('clients.set-aside', { file: setAside });
    return new ClientTokens(parts, file, deepFreeze(document.clients), setAside);
  }

  /** The clients without their hashes, with the time of their last request as known now. */
  list(): readonly ClientToken[] {
    return this.#clients.map(({ sha256: _, ...client }) => ({
      ...client,
      lastUsedAt: this.#lastUsed(client),
    }));
  }

  #lastUsed({ id, lastUsedAt }: ClientToken): string | null {
    return this.#used.get(id)?.toISOString() ?? lastUsedAt;
  }

  #digestOf(client: StoredToken): Buffer {
    const known = this.#digests.get(client);
    if (known) return known;
    const digest = Buffer.from(client.sha256, 'hex');
    this.#digests.set(client, digest);
    return digest;
  }

  /**
   * Makes a token for a client; earlier ones of the same label stay valid.
   * @throws BridgeError `invalid-input` for an empty label or an impossible address; `storage`.
   */
  async mint(label: string, address: string): Promise<MintedToken> {
    const plain = oneLine(label, 80);
    if (plain === '') throw new BridgeError('invalid-input', 'Name the client the token is for.');
    if (!ADDRESS.test(address)) {
      throw new BridgeError(
        'invalid-input',
        'An address is current, a connector or the short name of an account.',
      );
    }
    const { token, sha256 } = this.#newToken();
    const client: StoredToken = {
      id: `cli_${randomBytes(8).toString('hex')}`,
      label: plain,
      address,
      createdAt: this.#parts.now().toISOString(),
      lastUsedAt: null,
      sha256,
    };
    await this.#change((clients) => [...clients, client]);
    return { id: client.id, label: plain, address, token };
  }

  /**
   * The client that holds this token. Compares with every client's digest in constant time, so that the time tells
   * nothing about how close a guess was; what a connection has shown already is only compared with itself.
   */
  recognise(token: string, connection: object = {}): KnownClient | undefined {
    if (token.length > 200) return undefined;
    const shown = this.#shown.get(connection);
    const isAgain = shown?.token === token && shown.among === this.#clients;
    const found = isAgain ? shown.client : this.#holderOf(token);
    if (!found) return undefined;
    if (!isAgain) this.#shown.set(connection, { token, among: this.#clients, client: found });
    this.#used.set(found.id, this.#parts.now());
    this.#saveLater();
    return { id: found.id, label: found.label, address: found.address };
  }

  #holderOf(token: string): StoredToken | undefined {
    const digest = hash('sha256', token, 'buffer');
    let found: StoredToken | undefined;
    for (const client of this.#clients) {
      if (timingSafeEqual(digest, this.#digestOf(client))) found = client;
    }
    return found;
  }

  /** The client whose valid token has this SHA-256. Asking is no use of the token. */
  idOf(sha256: string): string | undefined {
    return this.#clients.find((client) => client.sha256 === sha256)?.id;
  }

  /** Makes a client's token invalid at once. @returns false when there is no such client. */
  async revoke(id: string): Promise<boolean> {
    let known = false;
    await this.#change((clients) => {
      known = clients.some((client) => client.id === id);
      return known ? clients.filter((client) => client.id !== id) : clients;
    });
    this.#used.delete(id);
    return known;
  }

  /** Gives every client a new token and makes all old ones invalid, for when somebody else may have seen them. */
  async rotateAll(): Promise<MintedToken[]> {
    const minted: MintedToken[] = [];
    await this.#change((clients) =>
      clients.map((client) => {
        const { token, sha256 } = this.#newToken();
        minted.push({ id: client.id, label: client.label, address: client.address, token });
        return { ...client, sha256 };
      }),
    );
    return minted;
  }

  /** Saves the times of last use that exist in memory only. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#saving);
    await this.#saveUse();
  }

  #newToken(): { token: string; sha256: string } {
    const token = PREFIX + randomBytes(32).toString('base64url');
    this.#parts.learn(token);
    return { token, sha256: createHash('sha256').update(token).digest('hex') };
  }

  async #change(edit: (clients: readonly StoredToken[]) => readonly StoredToken[]): Promise<void> {
    await this.#queue.run('clients', async () => {
      const edited = edit(this.#clients);
      if (edited === this.#clients) return;
      const after = edited.map((client) => ({
        ...client,
        lastUsedAt: this.#lastUsed(client),
      }));
      await this.#file.write({ clients: after });
      this.#clients = deepFreeze(after);
      this.changed.announce(this.list());
    });
  }

  #saveLater(): void {
    this.#saving ??= setTimeout(() => void this.#saveUse(), limits.lastUsedSaveMs).unref();
  }

  /** A time of last use is not worth an error: a failed save is logged and the next one carries it along. */
  async #saveUse(): Promise<void> {
    this.#saving = undefined;
    try {
      await this.#change((clients) => {
        const stale = clients.some((client) => this.#lastUsed(client) !== client.lastUsedAt);
        return stale ? [...clients] : clients;
      });
    } catch (error) {
      this.#parts.log.error('clients.last-use-not-saved', error);
    }
  }
}
