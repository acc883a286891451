import { createHash, randomUUID } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Accounts } from '#bridge/accounts/accounts.ts';
import { AccountRegistry } from '#bridge/accounts/registry.ts';
import { Journal } from '#bridge/activity/journal.ts';
import { privateFolder, sweepTemporary } from '#bridge/base/json-file.ts';
import { silentLog as log } from '#bridge/base/log.ts';
import { pathsFor } from '#bridge/base/paths.ts';
import { Redactor } from '#bridge/base/redactor.ts';
import { Secret } from '#bridge/base/secret.ts';
import { sweepFolder } from '#bridge/clients/files/config-swap.ts';
import { ClientSetups } from '#bridge/clients/setups.ts';
import { ClientTokens } from '#bridge/clients/tokens.ts';
import { Authorizer } from '#bridge/credentials/authorizer.ts';
import { Grants } from '#bridge/credentials/grants.ts';
import { SettingsStore } from '#bridge/settings/store.ts';
import { PassphraseKey } from '#bridge/vault/passphrase.ts';
import { SealedVault } from '#bridge/vault/sealed-vault.ts';
import { BridgeError } from '#contract/errors.ts';
import { ChoiceStore } from '#main/choices.ts';
import { accountView } from '../renderer/account-view.ts';
import { rotated } from './tokens.ts';

/** The secrets of a run, from `canary`, and the key that seals them. */
export interface Secrets {
  readonly firstKey: string;
  readonly secondKey: string;
  /** 64 hexadecimal digits; the passphrase where there is no keychain. */
  readonly master: string;
}

export const never: AbortSignal = new AbortController().signal;
export const noon = (): Date => new Date('2026-11-21T12:00:00Z');

const identity = {
  server: 'Acme',
  summary: 'Acme',
  tools: 3,
  protocolVersion: '2025-11-25',
  checkedAt: noon().toISOString(),
};

export type Stage = Awaited<ReturnType<typeof openStage>>;

/** Where everything lies in the folder of a case. */
export function placesOf(folder: string) {
  const paths = pathsFor(join(folder, 'data'), {});
  const person = join(folder, 'person');
  return {
    paths,
    person,
    cursor: join(person, '.cursor', 'mcp.json'),
    /** Where the person wants the log of activity. */
    exported: join(person, 'calls.jsonl'),
    /** When it is there, the vault is opened by a passphrase. */
    withoutKeychain: join(folder, 'without-keychain'),
  };
}

/** Everything of the product that saves, opened as an owner opens it at its start. @throws BridgeError */
export async function openStage(folder: string, secrets: Secrets) {
  const { paths, person, exported } = placesOf(folder);
  for (const own of [paths.home, paths.config, paths.logs]) await privateFolder(own);
  for (const own of [paths.config, paths.home]) await sweepTemporary(own);
  const settings = await SettingsStore.open(paths.settings, log);
  const registry = await AccountRegistry.open(paths.accounts, log);
  const tokens = await ClientTokens.open({ path: paths.clients, log, now: noon, learn: () => undefined });
  const journal = Journal.open({
    path: paths.activity,
    log,
    now: noon,
    days: () => 90,
    keepBodies: () => false,
    redact: (text) => text,
  });
  const vault = vaultIn(folder, secrets);
  await vault.open(never);
  const authorizer = new Authorizer({
    load: (id, given) => vault.load(id, given),
    save: (id, record, given) => vault.save(id, record, given),
    forget: (id, given) => vault.forget(id, given),
    redactor: new Redactor(),
  });
  const accounts = new Accounts({
    registry,
    authorizer,
    check: async () => ({ identity, notes: [] }),
    conditionOf: () => ({ state: 'ready', text: '', action: 'none' }),
    endGrant: async () => ({ revocation: 'nothing-to-revoke' }),
    takeBack: () => undefined,
    now: noon,
    log,
  });
  const grants = new Grants({
    authorizer,
    refresh: async () => rotated(secrets),
    revoke: async () => undefined,
    accounts: () => registry.snapshot.accounts,
    signInNeeded: () => undefined,
    instance: randomUUID(),
    // What is saved a while later would come into the middle of what is looked at.
    schedule: () => ({ [Symbol.dispose]: () => undefined }),
    log,
  });
  const desktop = await ChoiceStore.open(paths.desktop, log);
  const setups = await ClientSetups.open({
    paths,
    system: {
      platform: 'linux',
      home: person,
      environment: {},
      exists: existsSync,
      names: (at) => (existsSync(at) ? readdirSync(at) : []),
    },
    tokens,
    accounts: () => [accountView({ current: true, active: true })],
    sessions: () => [],
    surroundingsChanged: [],
    stdioCommand: () => ({ command: join(person, 'gangway-shim'), args: [] }),
    endpointUrl: () => 'http://127.0.0.1:4100/mcp',
    addAccount: async () => Promise.reject(new Error('no account is added here')),
    recognise: () => ({ connector: 'custom', ownNetwork: false }),
    slugFor: () => 'brought',
    bundledShim: undefined,
    version: '1.2.3',
    now: noon,
    log,
  });
  return {
    paths,
    settings,
    registry,
    tokens,
    journal,
    vault,
    accounts,
    grants,
    desktop,
    setups,
    exported,
    /** What this process takes for saved. */
    memory: () => ({
      settings: JSON.stringify(settings.current),
      accounts: JSON.stringify(registry.snapshot),
      desktop: JSON.stringify([desktop.current, desktop.window]),
      tokens: JSON.stringify(tokens.list()),
    }),
    [Symbol.asyncDispose]: async () => {
      await setups[Symbol.asyncDispose]();
      await journal[Symbol.asyncDispose]();
      await tokens[Symbol.asyncDispose]();
      await grants[Symbol.asyncDispose]();
      await vault[Symbol.asyncDispose]();
    },
  };
}

/** The vault, by a passphrase or with a key that is at hand: a keychain would answer with it. */
function vaultIn(folder: string, { master }: Secrets): SealedVault {
  const { paths, withoutKeychain } = placesOf(folder);
  if (existsSync(withoutKeychain)) {
    return new SealedVault(paths.vault, new PassphraseKey(paths.vault, new Secret(master)), log);
  }
  const source = {
    kind: 'keychain' as const,
    waitMs: 10_000,
    key: async () => ({ kind: 'key' as const, master: Buffer.from(master, 'hex') }),
    [Symbol.asyncDispose]: async () => undefined,
  };
  return new SealedVault(paths.vault, source, log);
}

export const PARTS = [
  'settings',
  'accounts',
  'secrets',
  'tokens',
  'connections',
  'app',
  'copies',
  'desktop',
  'activity',
  'exported',
  'strays',
] as const;
export type Part = (typeof PARTS)[number];

/** What the disk holds, by parts, each as one text without a secret in it. */
export type Sight = Readonly<Record<Part, string>>;

/** Starts again on the folder without help, and tells what is there. @throws whatever keeps it from starting. */
export async function look(folder: string, secrets: Secrets): Promise<Sight> {
  const { paths, person, cursor, exported } = placesOf(folder);
  const open = namesIn(folder, OURS).filter((name) => (lstatSync(join(folder, name)).mode & 0o077) !== 0);
  await using stage = await openStage(folder, secrets);
  const { settings, accounts, desktop } = stage.memory();
  const sealed = await Promise.all(
    (await stage.vault.list()).map(async (id) => {
      const value = await stage.vault.load(id, never).catch((error: unknown) => codeOf(error));
      return `${id} ${digest(JSON.stringify(value, withoutTimes))}`;
    }),
  );
  const clients = parsed(paths.clients, { version: 0, clients: [] });
  const app = existsSync(cursor) ? readFileSync(cursor, 'utf8') : 'absent';
  const copies = (await stage.setups.list().find(({ id }) => id === 'cursor')?.backups) ?? [];
  // As a start does it an hour later, and the next export in the folder of the person.
  const folders = [paths.config, paths.home, paths.vault, paths.run, join(paths.backups, 'cursor'), person];
  for (const own of folders) await sweepTemporary(own, 0);
  await sweepFolder(join(person, '.cursor'), Date.now() + 2 * 60 * 60_000);
  const strays = namesIn(folder, /tmp$|\.new$|\.part$/);
  return {
    settings,
    accounts,
    secrets: sealed.join('\n'),
    tokens: clients,
    connections: parsed(paths.connections, { version: 0, files: [], connections: [] }),
    app: app.replaceAll(/gw_[\w-]+/g, (token) => digest(token)),
    copies: JSON.stringify(copies),
    desktop,
    activity: String(stage.journal.list({}).length),
    exported: existsSync(exported) ? readFileSync(exported, 'utf8') : 'absent',
    strays: [...strays, ...open.map((name) => `open to others: ${name}`)].join(' '),
  };
}

/** What a writer that was killed leaves behind. */
const OURS = /\.\d+\.[0-9a-f]{12}\.tmp$/;

function namesIn(folder: string, like: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => like.test(name));
}

/**
 * Of a sign-in the tokens count, not the moment they came in, nor the note that a renewal has begun, which tells whoever
 * comes next that nobody knows how it ended.
 */
function withoutTimes(name: string, value: unknown): unknown {
  return ['obtainedAt', 'expiresAt', 'renewal'].includes(name) ? undefined : value;
}

/** A list that is not there is an empty one. */
function parsed(path: string, empty: object): string {
  return JSON.stringify(existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : empty);
}

function codeOf(error: unknown): string {
  return error instanceof BridgeError ? error.code : String(error);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
