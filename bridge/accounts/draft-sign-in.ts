import { limits } from '../base/limits.ts';
import { Redactor } from '../base/redactor.ts';
import { vendorOfKey } from '../connectors/catalog.ts';
import type { Connector } from '../connectors/connector.ts';
import type { SignIn } from '../contract/account.ts';
import { BridgeError } from '../contract/errors.ts';
import { cleanHeaderValue, cleanKey } from '../credentials/clean-key.ts';
import { type Credential, credentialOf } from '../credentials/credential.ts';
import { isAlwaysSecret, isSignInHeader, readHeaderName } from '../credentials/header-names.ts';

/** How a new account signs in: what is stored openly, what goes to the vault, and what to tell the person. */
export interface DraftSignIn {
  readonly signIn: SignIn;
  readonly headers: Readonly<Record<string, string>>;
  readonly secretHeaders: readonly string[];
  readonly credential: Credential;
  readonly notes: readonly string[];
}

/** The fields of a new account that say how it signs in. */
export interface TypedSignIn {
  readonly signIn?: 'none' | 'key' | 'oauth' | undefined;
  readonly key?: string | undefined;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  readonly clientMetadataUrl?: string | undefined;
  readonly keyHeader?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly secretHeaders: Readonly<Record<string, string>>;
}

const shapes = new Redactor();

/** Reads and cleans the key and the extra headers of a new account. @throws BridgeError `invalid-input`. */
export function draftSignIn(connector: Connector, typed: TypedSignIn): DraftSignIn {
  const notes: string[] = [];
  const open = readHeaders(typed.headers, notes);
  const secret = readHeaders(typed.secretHeaders, notes);
  for (const [name, value] of Object.entries(open)) {
    if (isAlwaysSecret(name) || shapes.clean(value) !== value) {
      throw refuse(`The value of header ${name} is a secret. Enter it as a secret header or as the key.`);
    }
    if (name in secret) throw refuse(`The header ${name} was entered twice.`);
  }
  for (const [name, value] of Object.entries(secret)) {
    if (value.length < limits.keyLeastCharacters) {
      throw refuse(
        `A secret header has at least ${limits.keyLeastCharacters} characters; ${name} has fewer.`,
      );
    }
  }
  const signIn = chosenSignIn(connector, typed);
  refuseTwoWays(signIn, Object.keys(secret), open);
  let key: string | undefined;
  if (signIn.kind === 'key') {
    const cleaned = cleanKeyFor(connector, typed.key ?? '');
    key = cleaned.value;
    notes.push(...cleaned.notes);
  }
  refuseTooMuch(signIn, key, open, secret);
  const clientSecret = typed.clientSecret === undefined ? undefined : cleanKey(typed.clientSecret).value;
  return {
    signIn,
    headers: open,
    secretHeaders: Object.keys(secret),
    credential: credentialOf(key, secret, clientSecret),
    notes,
  };
}

/** Cleans a pasted key and notes when it looks like another vendor's. @throws BridgeError `invalid-input`. */
export function cleanKeyFor(connector: Connector, pasted: string): { value: string; notes: string[] } {
  const { value, notes } = cleanKey(pasted);
  return { value, notes: [...notes, ...shapeNotes(connector, value)] };
}

function shapeNotes(connector: Connector, key: string): string[] {
  if (connector.key.looksLike?.test(key)) return [];
  const vendor = vendorOfKey(key);
  if (vendor && connector.id !== 'custom') {
    return [`Warning: this looks like a key of ${vendor.label}, not of ${connector.label}.`];
  }
  if (!connector.key.shape) return [];
  return [`Warning: a key of ${connector.label} is usually ${connector.key.shape}; this one is not.`];
}

function chosenSignIn(connector: Connector, typed: TypedSignIn): SignIn {
  const kind = typed.signIn ?? usualSignIn(connector, typed);
  if (!connector.signIn.includes(kind)) {
    throw refuse(
      kind === 'oauth'
        ? `${connector.label} has no sign-in in the browser. ${connector.help.key}`
        : `${connector.label} asks for a key. Enter one.`,
    );
  }
  if (kind === 'oauth') return oauthSignIn(typed);
  if (typed.clientId ?? typed.clientSecret ?? typed.clientMetadataUrl) {
    throw refuse('A client id belongs to a sign-in by OAuth. Choose that, or leave the client id out.');
  }
  if (kind === 'none') {
    if (typed.key !== undefined)
      throw refuse('A key was entered, but no sign-in chosen. Leave out one of them.');
    if (typed.keyHeader !== undefined) throw refuse('A header for the key was chosen, but no key entered.');
    return { kind: 'none' };
  }
  if (typed.key === undefined) throw refuse(`Enter the key. ${connector.help.key}`);
  const header = typed.keyHeader === undefined ? connector.key.header : readHeaderName(typed.keyHeader);
  const { headers } = connector.key;
  if (headers && !headers.includes(header)) {
    throw refuse(`${connector.label} takes its key in ${headers.join(' or ')}. Choose that header.`);
  }
  return { kind: 'key', header };
}

function usualSignIn(connector: Connector, typed: TypedSignIn): SignIn['kind'] {
  if (typed.key !== undefined) return 'key';
  if (typed.clientId !== undefined || typed.clientMetadataUrl !== undefined) return 'oauth';
  if (connector.signIn.includes('none')) return 'none';
  return connector.signIn[0] ?? 'key';
}

const CLIENT_ID = /^[\u0021-\u007e]{1,2048}$/;

function oauthSignIn(typed: TypedSignIn): SignIn {
  if (typed.key !== undefined || typed.keyHeader !== undefined) {
    throw refuse('An account signs in in one way: with a key, or in the browser. Leave one of them out.');
  }
  const { clientId, clientMetadataUrl } = typed;
  for (const id of [clientId, clientMetadataUrl]) {
    if (id !== undefined && !CLIENT_ID.test(id)) {
      throw refuse('A client id has 1 to 2048 visible characters without blanks. Check it.');
    }
  }
  if (clientId === undefined && typed.clientSecret !== undefined) {
    throw refuse('A client secret belongs to a client id. Enter that as well.');
  }
  if (clientMetadataUrl !== undefined && !/^https:\/\/[^/?#]+\/./.test(clientMetadataUrl)) {
    throw refuse('A client id metadata document has an https address with a path.');
  }
  return {
    kind: 'oauth',
    legacy: false,
    ...(clientId === undefined ? {} : { clientId }),
    ...(clientMetadataUrl === undefined ? {} : { clientMetadataUrl }),
  };
}

function readHeaders(typed: Readonly<Record<string, string>>, notes: string[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [typedName, typedValue] of Object.entries(typed)) {
    const name = readHeaderName(typedName);
    if (name in headers) throw refuse(`The header ${name} was entered twice.`);
    const cleaned = cleanHeaderValue(name, typedValue);
    headers[name] = cleaned.value;
    notes.push(...cleaned.notes);
  }
  return { ...headers };
}

/** Two credentials in one request: which of them counts differs from server to server, so there is one. */
function refuseTwoWays(signIn: SignIn, secretNames: string[], open: Readonly<Record<string, string>>): void {
  const ways = secretNames.filter(isSignInHeader);
  if (signIn.kind === 'key') {
    if (secretNames.includes(signIn.header) || signIn.header in open) {
      throw refuse(`The header ${signIn.header} carries the key already. Leave it out of the headers.`);
    }
    ways.push(signIn.header);
  }
  if (signIn.kind === 'oauth') {
    if (secretNames.includes('authorization') || 'authorization' in open) {
      throw refuse('The header authorization carries the sign-in. Leave it out of the headers.');
    }
    ways.push('authorization');
  }
  if (ways.filter(isSignInHeader).length > 1) {
    throw refuse(`An account signs in one way: choose one of ${ways.join(' and ')}.`);
  }
}

function refuseTooMuch(
  signIn: SignIn,
  key: string | undefined,
  ...headers: readonly Readonly<Record<string, string>>[]
): void {
  let bytes = signIn.kind === 'key' ? signIn.header.length + 'Bearer '.length + (key?.length ?? 0) : 0;
  for (const [name, value] of headers.flatMap((some) => Object.entries(some))) {
    bytes += name.length + value.length + ': \r\n'.length;
  }
  if (bytes <= limits.accountHeaderBytes) return;
  const kilobytes = (size: number): string => (size / 1024).toFixed(1);
  throw refuse(
    `Key and headers together have ${kilobytes(bytes)} KB; servers take at most ` +
      `${kilobytes(limits.accountHeaderBytes)} KB. Leave out or shorten some.`,
  );
}

function refuse(message: string): BridgeError {
  return new BridgeError('invalid-input', message);
}
