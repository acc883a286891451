import type { Secret } from '../../base/secret.ts';
import type { ConnectorId } from '../../contract/connector.ts';
import type { CheckedAccount, NewAccount } from '../../contract/control.ts';
import { asBridgeError, BridgeError } from '../../contract/errors.ts';
import { type PastedForm, pastedForm } from '../../contract/pasted-form.ts';
import { looksLikeSecret, namesSecret } from '../../contract/web-address.ts';
import type { FoundEntry } from './foreign.ts';

/** What an address says of the workspace behind it, without asking anybody. */
export interface Recognition {
  readonly connector: ConnectorId;
  /** It lies in a private network, which the person's own entry reaches already. */
  readonly ownNetwork: boolean;
}

/** Recognises the kind of workspace by its address, and by the look of a key where that says more. */
export type Recognise = (address: string, key: string | undefined) => Recognition;

/** An account that takes the place of an entry, with what a person should know of it. */
export interface Migration {
  readonly account: NewAccount;
  readonly notes: readonly string[];
}

/**
 * The account that does what a client's entry did. Its secrets are in it, so it goes straight to the bridge and nowhere
 * else.
 * @param label as the person wants it; otherwise the entry's name.
 * @throws BridgeError `invalid-input` when the entry does not hold what an account needs.
 */
export function migrate(found: FoundEntry, recognise: Recognise, label?: string): Migration {
  const open = (secret: Secret): string => secret.reveal();
  const url = open(found.address);
  const headers = found.sent.map(([name, value]) => [name, open(value)] as const);
  const read = pastedForm({ name: label ?? found.entry, url, headers, sse: found.sse });
  if (read.kind === 'nothing') throw refuse(found, 'It names no address.');
  if (read.kind === 'refused') throw refuse(found, read.because);
  const { form, key } = read;
  if (form.signIn === 'key' && key === undefined) {
    throw refuse(found, 'Its key is not in the file. Add the account by hand and enter the key there.');
  }
  const { connector, ownNetwork } = recognise(form.url ?? url, key);
  const account: NewAccount = {
    connector,
    ownNetwork,
    url: form.url ?? url,
    ...(form.label === undefined ? {} : { label: form.label }),
    ...(form.user === undefined ? {} : { user: form.user }),
    ...signInOf(read, found.oauth),
    ...sorted(read.headers ?? {}),
    ...(read.transport === undefined ? {} : { transport: read.transport }),
  };
  return { account, notes: form.notes };
}

/**
 * Adds an account that takes the place of an entry. An entry without a key may lead to a server that lets everybody in, which
 * only the server knows; of a known kind of workspace it is known.
 * @throws BridgeError as `add` does.
 */
export async function addMigrated(
  account: NewAccount,
  add: (account: NewAccount, signal: AbortSignal) => Promise<CheckedAccount>,
  signal: AbortSignal,
): Promise<CheckedAccount> {
  if (account.connector !== 'custom' || account.signIn !== 'oauth') return add(account, signal);
  try {
    return await add({ ...account, signIn: 'none' }, signal);
  } catch (error) {
    if (asBridgeError(error).code !== 'sign-in-needed') throw error;
    return add(account, signal);
  }
}

function signInOf(
  { key, keyHeader }: PastedForm,
  oauth: boolean,
): Pick<NewAccount, 'signIn' | 'key' | 'keyHeader'> {
  if (key === undefined) return { signIn: oauth ? 'oauth' : 'none' };
  return { signIn: 'key', key, ...(keyHeader === undefined ? {} : { keyHeader }) };
}

/** Headers by where they are kept: what could be a secret goes into the vault. */
function sorted(headers: Readonly<Record<string, string>>): Pick<NewAccount, 'headers' | 'secretHeaders'> {
  const entries = Object.entries(headers);
  return {
    headers: Object.fromEntries(entries.filter(([name, value]) => !isSecret(name, value))),
    secretHeaders: Object.fromEntries(entries.filter(([name, value]) => isSecret(name, value))),
  };
}

/** A long value with digits in it that is no sentence and no address could be a key, whatever its header is called. */
const OPAQUE = /^(?=.*\d)(?!https?:)\S{20,}$/i;

function isSecret(name: string, value: string): boolean {
  return (
    namesSecret(name) || /auth|cookie|session/i.test(name) || looksLikeSecret(value) || OPAQUE.test(value)
  );
}

function refuse({ entry }: FoundEntry, because: string): BridgeError {
  return new BridgeError(
    'invalid-input',
    `"${entry.slice(0, 60)}" cannot be brought here. ${because}`.slice(0, 300),
  );
}
