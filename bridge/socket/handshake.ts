import { createHmac, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';

/** Newest version of the local socket protocol this program speaks. */
export const SOCKET_VERSION = 1;

/** `mcp`: a shim that carries the lines of an MCP client. `control`: a user interface or the command line. */
export type Role = 'mcp' | 'control';

/** Who connects: for `mcp`, `client` is a name for people and `address` says where its requests go. */
export interface Introduction {
  readonly role: Role;
  readonly client: string;
  readonly address: string;
}

/** Why the owner turns away somebody who has proved to know the key. */
export type Rejection = 'version' | 'full' | 'stopping';

const NONCE = /^[0-9a-f]{64}$/;
/** Characters of the name of a client, and of an address. */
export const LONGEST_NAME = 200;

/**
 * One line each, all JSON: the client says who it is, the owner proves that it knows the key, the client proves the
 * same, the owner accepts. Every proof is an HMAC-SHA256 over a label for its direction and length-prefixed fields,
 * among them the nonces of both sides, so that nothing recorded, reflected or passed on to another connection is of
 * use. The hello is proved too: who does not know the key never receives a byte.
 */
function proof(key: KeyObject, label: string, fields: readonly string[]): string {
  const hmac = createHmac('sha256', key);
  for (const field of [label, ...fields]) {
    const bytes = Buffer.from(field);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hmac.update(length).update(bytes);
  }
  return hmac.digest('hex');
}

function isProof(given: unknown, expected: string): boolean {
  if (typeof given !== 'string' || !NONCE.test(given)) return false;
  return timingSafeEqual(Buffer.from(given, 'hex'), Buffer.from(expected, 'hex'));
}

function readLine(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const freshNonce = (): string => randomBytes(32).toString('hex');

function provedFields(who: Introduction, clientNonce: string, serverNonce: string): string[] {
  return [clientNonce, serverNonce, who.role, who.client, who.address];
}

export type ClientStep =
  /** Write the line, then wait for another one. */
  | { readonly kind: 'say'; readonly line: string }
  | { readonly kind: 'accepted' }
  /** `proof`: the other end does not know the key, so it is not the owner. */
  | { readonly kind: 'rejected'; readonly because: Rejection | 'proof' };

/** The connecting end. Sans I/O: the caller moves the lines. */
export class ClientHandshake {
  readonly #key: KeyObject;
  readonly #who: Introduction;
  readonly #nonce = freshNonce();
  #proved = false;

  constructor(key: KeyObject, who: Introduction) {
    this.#key = key;
    this.#who = who;
  }

  /** The first line. */
  hello(): string {
    const { role, client, address } = this.#who;
    const mac = proof(this.#key, `gangway hello ${SOCKET_VERSION}`, [role, this.#nonce, client, address]);
    return JSON.stringify({ v: SOCKET_VERSION, role, nonce: this.#nonce, client, address, mac });
  }

  /** Takes one line of the owner. */
  take(line: string): ClientStep {
    const said = readLine(line);
    if (said?.ok === false && isRejection(said.because)) return { kind: 'rejected', because: said.because };
    if (this.#proved) {
      return said?.ok === true ? { kind: 'accepted' } : { kind: 'rejected', because: 'proof' };
    }
    const serverNonce = said?.nonce;
    if (typeof serverNonce !== 'string' || !NONCE.test(serverNonce)) {
      return { kind: 'rejected', because: 'proof' };
    }
    const fields = provedFields(this.#who, this.#nonce, serverNonce);
    const expected = proof(this.#key, `gangway server ${SOCKET_VERSION}`, fields);
    if (said?.v !== SOCKET_VERSION || !isProof(said.mac, expected)) {
      return { kind: 'rejected', because: 'proof' };
    }
    this.#proved = true;
    const mac = proof(this.#key, `gangway client ${SOCKET_VERSION}`, fields);
    return { kind: 'say', line: JSON.stringify({ mac }) };
  }
}

function isRejection(value: unknown): value is Rejection {
  return value === 'version' || value === 'full' || value === 'stopping';
}

export type ServerStep =
  | { readonly kind: 'say'; readonly line: string }
  /** The client is genuine; the caller answers with `acceptance` or `rejection`. */
  | { readonly kind: 'proved'; readonly who: Introduction }
  /** Close. `line` is there only for a client that has proved its hello. */
  | { readonly kind: 'refused'; readonly line?: string };

/** The last line of the owner when all is well. Frames follow. */
export const acceptance = (): string => JSON.stringify({ ok: true });

export function rejection(because: Rejection): string {
  return JSON.stringify({ v: SOCKET_VERSION, ok: false, because });
}

/**
 * The owner's end. Sans I/O: the caller moves the lines. `isFresh` says whether a client's nonce is seen for the
 * first time, so that a recorded hello gets no answer at all.
 */
export class ServerHandshake {
  readonly #key: KeyObject;
  readonly #isFresh: (nonce: string) => boolean;
  #expected: { readonly mac: string; readonly who: Introduction } | undefined;

  constructor(key: KeyObject, isFresh: (nonce: string) => boolean) {
    this.#key = key;
    this.#isFresh = isFresh;
  }

  take(line: string): ServerStep {
    const said = readLine(line);
    if (!said) return { kind: 'refused' };
    if (!this.#expected) return this.#takeHello(said);
    return isProof(said.mac, this.#expected.mac)
      ? { kind: 'proved', who: this.#expected.who }
      : { kind: 'refused' };
  }

  /** A hello keeps its shape in every version of the protocol, so that any client can be told what is wrong. */
  #takeHello(said: Record<string, unknown>): ServerStep {
    const { v, nonce, mac } = said;
    const who = readIntroduction(said);
    if (typeof v !== 'number' || !Number.isInteger(v) || !who) return { kind: 'refused' };
    if (typeof nonce !== 'string' || !NONCE.test(nonce)) return { kind: 'refused' };
    const { role, client, address } = who;
    if (!isProof(mac, proof(this.#key, `gangway hello ${v}`, [role, nonce, client, address]))) {
      return { kind: 'refused' };
    }
    if (!this.#isFresh(nonce)) return { kind: 'refused' };
    if (v !== SOCKET_VERSION) return { kind: 'refused', line: rejection('version') };
    const own = freshNonce();
    const fields = provedFields(who, nonce, own);
    this.#expected = { mac: proof(this.#key, `gangway client ${SOCKET_VERSION}`, fields), who };
    const answer = proof(this.#key, `gangway server ${SOCKET_VERSION}`, fields);
    return { kind: 'say', line: JSON.stringify({ v: SOCKET_VERSION, nonce: own, mac: answer }) };
  }
}

function readIntroduction(said: Record<string, unknown>): Introduction | undefined {
  const { role, client, address } = said;
  if (role !== 'mcp' && role !== 'control') return undefined;
  if (typeof client !== 'string' || client.length > LONGEST_NAME) return undefined;
  if (typeof address !== 'string' || address.length > LONGEST_NAME) return undefined;
  return { role, client, address };
}
