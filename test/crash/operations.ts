import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { jsonLine } from '#bridge/activity/formats.ts';
import { exportLog } from '#bridge/cli/commands/export.ts';
import { anEntry } from '../activity/an-entry.ts';
import { scriptedControl } from '../cli/a-control.ts';
import { partsOf, testTerminal } from '../cli/a-terminal.ts';
import { addUnsigned, listSignedIn, renew, signIn, stopKeeping } from './sign-in.ts';
import { never, openStage, type Part, placesOf, type Secrets, type Stage } from './stage.ts';

/** One thing a person or a program does that saves something. */
export interface Operation {
  readonly name: string;
  /** Files that lie there before the product ever runs. */
  readonly files?: (folder: string) => void;
  /** What was done earlier. */
  readonly before?: (stage: Stage, secrets: Secrets, folder: string) => Promise<unknown>;
  /** Spoils what is there, after that. */
  readonly spoil?: (folder: string) => void;
  /** The start itself, when absent. */
  readonly run?: (stage: Stage, secrets: Secrets) => Promise<unknown>;
  /** What the same process does once the disk is well, when it has kept what could not be saved. */
  readonly again?: (stage: Stage) => Promise<unknown>;
  /**
   * Parts that are saved one after the other. A process killed between two of them leaves the earlier ones new and the
   * later ones old; why nothing is lost or wrong then stands beside it.
   */
  readonly order?: readonly [parts: readonly Part[], because: string];
  /** A part that is saved twice, and passes through a state that is neither: both tokens are valid, then one goes. */
  readonly twice?: Part;
}

const TILE = { connector: 'custom', url: 'http://127.0.0.1:4003/mcp', signIn: 'key' } as const;

async function addFirst({ accounts }: Stage, { firstKey }: Secrets): Promise<unknown> {
  return accounts.add({ ...TILE, label: 'Acme', key: firstKey }, never);
}

async function addSecond({ accounts }: Stage, { secondKey }: Secrets): Promise<unknown> {
  return accounts.add({ ...TILE, label: 'Borealis', key: secondKey }, never);
}

const SEALED_FIRST = [
  ['secrets', 'accounts'],
  'a key that is sealed for an account of no list is ciphertext that nobody uses',
] as const;

const CONNECTING = [
  ['tokens', 'app', 'connections'],
  'a token that no app holds serves nobody; an entry without a record is found again and taken over',
] as const;

const DISCONNECTING = [
  ['app', 'connections', 'tokens'],
  'a record without its entry is shown as such; a token that no app holds serves nobody',
] as const;

async function connect({ setups }: Stage): Promise<unknown> {
  const { token } = await setups.preview({ client: 'cursor', address: 'current', door: 'http' });
  return setups.write(token, never);
}

async function disconnect({ setups }: Stage): Promise<unknown> {
  const { token } = await setups.previewRemoval({ client: 'cursor' });
  return setups.write(token, never);
}

function record({ journal }: Stage): void {
  journal.append(anEntry());
  journal.append(anEntry());
  journal.flush();
}

/** An entry is a piece of its own, so that it is written in several steps. */
async function exportCalls({ journal, exported }: Stage): Promise<unknown> {
  async function* pieces(): AsyncGenerator<string> {
    for await (const entry of journal.entries()) yield jsonLine(entry);
  }
  const { control } = scriptedControl({ 'activity.export': pieces });
  const options = { choice: {}, format: 'jsonl', output: exported } as const;
  return exportLog(options, partsOf(testTerminal(), control));
}

function withoutKeychain(folder: string): void {
  put(placesOf(folder).withoutKeychain, '');
}

function withApp(folder: string): void {
  writeFileSync(placesOf(folder).cursor, '{\n  "mcpServers": { "mine": { "command": "mine" } }\n}\n');
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, text, { mode: 0o600 });
}

export const operations: readonly Operation[] = [
  { name: 'the first start' },
  { name: 'the first setting', run: ({ settings }) => settings.set({ activityDays: 30 }) },
  {
    name: 'another setting',
    before: ({ settings }) => settings.set({ activityDays: 30 }),
    run: ({ settings }) => settings.set({ readOnly: true }),
  },
  {
    name: 'the end of a pause',
    before: ({ settings }) => settings.pause(new Date('2026-11-21T11:00:00Z')),
    run: ({ settings }) => settings.endPause(new Date('2026-11-21T12:00:00Z')),
  },
  { name: 'the first account', run: addFirst, order: SEALED_FIRST },
  { name: 'another account', before: addFirst, run: addSecond, order: SEALED_FIRST },
  {
    name: 'a switch',
    before: async (stage, secrets) => [await addFirst(stage, secrets), await addSecond(stage, secrets)],
    run: ({ accounts }) => accounts.use('borealis'),
  },
  {
    name: 'a new key',
    before: async (stage, secrets) => {
      await addFirst(stage, secrets);
      const [account] = stage.registry.snapshot.accounts;
      if (account) await stage.accounts.signInNeeded(account.id, 'refused');
    },
    run: ({ accounts }, { secondKey }) => accounts.rotateKey('acme', secondKey, true, never),
    order: [
      ['secrets', 'accounts'],
      'the new key was proven; the list still says that one is needed, and a check puts it right',
    ],
  },
  {
    name: 'a new name',
    before: addFirst,
    run: ({ accounts }) => accounts.update('acme', { label: 'Acme 2', rules: { readOnly: true } }),
  },
  {
    name: 'an account that goes',
    before: async (stage, secrets) => [await addFirst(stage, secrets), await addSecond(stage, secrets)],
    run: ({ accounts }) => accounts.remove('acme', never),
    order: [
      ['secrets', 'accounts'],
      'its key was to go; the account says that it has none, and goes as easily again',
    ],
  },
  { name: 'the first access token', run: ({ tokens }) => tokens.mint('Cursor', 'current') },
  {
    name: 'new access tokens for all',
    before: async ({ tokens }) => [await tokens.mint('A', 'current'), await tokens.mint('B', 'acme')],
    run: ({ tokens }) => tokens.rotateAll(),
  },
  {
    name: 'a token that goes',
    before: ({ tokens }) => tokens.mint('Cursor', 'current'),
    run: ({ tokens }) => tokens.revoke(tokens.list()[0]?.id ?? ''),
  },
  { name: 'an app without a file', run: connect, order: CONNECTING },
  { name: 'an app', files: withApp, run: connect, order: CONNECTING },
  {
    name: 'an app once more',
    files: withApp,
    before: connect,
    run: connect,
    order: CONNECTING,
    twice: 'tokens',
  },
  { name: 'an app that goes', files: withApp, before: connect, run: disconnect, order: DISCONNECTING },
  {
    name: 'an app as it was',
    files: withApp,
    before: connect,
    run: ({ setups }) => setups.restore({ client: 'cursor' }),
    order: DISCONNECTING,
  },
  {
    name: 'activity',
    before: async ({ journal }) => [journal.append(anEntry()), journal.flush()],
    run: async ({ journal }) => [journal.append(anEntry()), journal.append(anEntry()), journal.flush()],
    again: async ({ journal }) => journal.flush(),
  },
  {
    name: 'activity that goes',
    before: async ({ journal }) => [journal.append(anEntry()), journal.flush()],
    run: async ({ journal }) => journal.clear(),
  },
  { name: 'an export', before: async (stage) => record(stage), run: exportCalls },
  {
    name: 'an export over an earlier one',
    before: async (stage) => {
      record(stage);
      await exportCalls(stage);
      record(stage);
    },
    run: exportCalls,
  },
  {
    name: 'the tokens of a sign-in',
    before: addUnsigned,
    run: signIn,
    again: async (stage) => stopKeeping(stage),
  },
  {
    name: 'a renewal of a sign-in',
    before: async (stage, secrets) => {
      await addUnsigned(stage);
      await signIn(stage, secrets);
      await listSignedIn(stage);
    },
    run: renew,
    again: async (stage) => {
      await renew(stage).catch(() => undefined);
      await stopKeeping(stage);
    },
  },
  { name: 'a first start with a passphrase', files: withoutKeychain },
  { name: 'a start with a passphrase and a key', files: withoutKeychain, before: addFirst },
  { name: 'a choice for the desktop', run: ({ desktop }) => desktop.choose({ askBeforeQuit: false }) },
  {
    name: 'the place of the window',
    before: ({ desktop }) => desktop.choose({ askBeforeQuit: false }),
    run: ({ desktop }) => desktop.keepWindow({ x: 1, y: 2, width: 800, height: 600, maximized: false }),
  },
  {
    name: 'a start with damaged settings that had paused everything',
    before: ({ settings }) => settings.set({ paused: true }),
    spoil: (folder) => {
      const { settings } = placesOf(folder).paths;
      put(settings, readFileSync(settings, 'utf8').replace('}', ''));
    },
  },
  {
    name: 'a start with a damaged list of accounts',
    before: addFirst,
    spoil: (folder) => truncateSync(placesOf(folder).paths.accounts, 40),
  },
  {
    name: 'a start with a damaged activity log',
    before: async ({ journal }) => [journal.append(anEntry()), journal.flush()],
    spoil: (folder) => put(placesOf(folder).paths.activity, 'not a database'),
  },
  {
    name: 'a change of settings that an older Gangway wrote',
    files: (folder) => put(placesOf(folder).paths.settings, '{"version":0,"activityDays":7}'),
    run: ({ settings }) => settings.set({ readOnly: true }),
  },
  {
    name: 'a start with settings that an older Gangway wrote',
    files: (folder) => put(placesOf(folder).paths.settings, '{"version":0,"activityDays":7}'),
  },
  {
    name: 'a sign-in over a damaged one',
    before: addFirst,
    spoil: (folder) => {
      const { vault } = placesOf(folder).paths;
      for (const name of readdirSync(vault)) truncateSync(join(vault, name), 30);
    },
    run: async ({ vault }, { secondKey }) => {
      const [id] = await vault.list();
      if (id) await vault.save(id, { key: secondKey }, never);
    },
  },
];

/** Makes the folder that the operation begins with. */
export async function prepare(operation: Operation, folder: string, secrets: Secrets): Promise<void> {
  mkdirSync(dirname(placesOf(folder).cursor), { recursive: true });
  operation.files?.(folder);
  if (operation.before) {
    await using stage = await openStage(folder, secrets);
    await operation.before(stage, secrets, folder);
  }
  operation.spoil?.(folder);
}
