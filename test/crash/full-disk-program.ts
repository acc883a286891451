import { once } from 'node:events';
import { closeSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { pathsFor } from '#bridge/base/paths.ts';
import { type ControlClient, clientOver } from '#bridge/control/client.ts';
import { BridgeError } from '#contract/errors.ts';
import { MAIN, startServe } from '../cli/processes.ts';
import { linkTo } from '../control/an-owner.ts';
import { startPlain } from '../workspaces/plain.ts';

/*
 * `gangway serve` on a small disk that is filled up, emptied and filled again. Runs where that disk is mounted, in a
 * process of its own; its secrets come as a line on stdin, and it prints as JSON what it saw.
 */

/** What a person hears of each thing they try while the disk is full, and what there is afterwards. */
export interface FullDiskReport {
  readonly full: Readonly<Record<string, string>>;
  readonly callsWhileFull: readonly string[];
  readonly standingBefore: string;
  readonly standingWhileFull: string;
  readonly startedAgainWhileFull: string;
  readonly callAfterStart: string;
  readonly well: Readonly<Record<string, string>>;
  readonly callWhenWell: string;
  readonly entries: number;
  readonly strays: readonly string[];
}

export interface FullDiskSecrets {
  readonly passphrase: string;
  readonly first: string;
  readonly second: string;
  readonly third: string;
}

const [disk = ''] = process.argv.slice(2);
const [line] = (await once(createInterface(process.stdin), 'line')) as [string];
const secrets = JSON.parse(line) as FullDiskSecrets;
const home = join(disk, 'data');
const filling = join(disk, 'filling');
const paths = pathsFor(home, {});
const passphraseFile = join(disk, 'passphrase');
writeFileSync(passphraseFile, secrets.passphrase, { mode: 0o600 });
const options = {
  home,
  environment: { GANGWAY_VAULT: 'passphrase', GANGWAY_PASSPHRASE_FILE: passphraseFile },
};

/** Takes every byte that is left. */
function fill(): void {
  const file = openSync(filling, 'a');
  for (const size of [65_536, 4096, 512, 64, 1]) {
    try {
      for (;;) if (writeSync(file, Buffer.alloc(size, 'x')) < size) break;
    } catch {
      // So much did not fit.
    }
  }
  closeSync(file);
}

async function said(task: () => Promise<unknown>): Promise<string> {
  try {
    await task();
    return 'done';
  } catch (error) {
    return error instanceof BridgeError ? `${error.code}: ${error.message}` : `not ours: ${String(error)}`;
  }
}

async function standing(control: ControlClient): Promise<string> {
  const accounts = (await control.accounts.list()).map(({ slug, current }) => (current ? `${slug}*` : slug));
  const { activityDays } = await control.settings.get();
  return `${accounts.join(' ')}, ${activityDays} days, ${(await control.endpoint.list()).length} tokens`;
}

async function tryEverything(control: ControlClient, url: string): Promise<Record<string, string>> {
  const account = (label: string, key: string) =>
    control.accounts.add({ connector: 'custom', label, url, signIn: 'key', key, ownNetwork: true });
  return {
    rotate: await said(() => control.accounts.rotateKey({ account: 'acme', key: secrets.second })),
    add: await said(() => account('Third', secrets.third)),
    switch: await said(() => control.accounts.use({ account: 'borealis' })),
    setting: await said(() => control.settings.set({ activityDays: 30 })),
    token: await said(() => control.endpoint.mint({ client: 'Cursor' })),
  };
}

async function call(client: Client): Promise<string> {
  const { content } = await client.callTool({ name: 'whoami', arguments: {} });
  return JSON.stringify(content);
}

async function connect(): Promise<Client> {
  const client = new Client({ name: 'test-app', version: '1.0.0' });
  const args = [MAIN, 'stdio', '--home', home];
  await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: 'ignore' }));
  return client;
}

await using workspace = await startPlain({
  tokens: { first: secrets.first, second: secrets.second, third: secrets.third },
});
let served = await startServe(options);
let link = await linkTo(paths);
let control = clientOver(link);
const setUp = (label: string) =>
  control.accounts.add({
    connector: 'custom',
    label,
    url: workspace.url,
    signIn: 'key',
    key: secrets.first,
    ownNetwork: true,
  });
await setUp('Acme');
await setUp('Borealis');
let client = await connect();
await call(client);
await control.activity.list({});
const standingBefore = await standing(control);

fill();
const full = await tryEverything(control, workspace.url);
const callsWhileFull: string[] = [];
for (let turn = 0; turn < 10; turn += 1) callsWhileFull.push(await call(client));
const standingWhileFull = await standing(control);
await client.close();
link[Symbol.dispose]();
await served.end('SIGKILL');
fill();
let callAfterStart = '';
const startedAgainWhileFull = await said(async () => {
  served = await startServe(options);
  link = await linkTo(paths);
  control = clientOver(link);
  client = await connect();
  callAfterStart = await call(client);
  return standing(control);
});

rmSync(filling);
if (startedAgainWhileFull !== 'done') {
  served = await startServe(options);
  link = await linkTo(paths);
  control = clientOver(link);
  client = await connect();
}
const well = await tryEverything(control, workspace.url);
await client.close();
client = await connect();
const callWhenWell = await call(client);
const entries = (await control.activity.list({ limit: 100 })).filter(
  ({ method }) => method === 'tools/call',
).length;
await client.close();
link[Symbol.dispose]();
await served.end('SIGTERM');
const names = readdirSync(home, { recursive: true, encoding: 'utf8' });
const strays = names.filter((name) => name.endsWith('tmp'));
const report: FullDiskReport = {
  full,
  callsWhileFull,
  standingBefore,
  standingWhileFull,
  startedAgainWhileFull,
  callAfterStart,
  well,
  callWhenWell,
  entries,
  strays,
};
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exit();
