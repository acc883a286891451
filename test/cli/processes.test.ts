import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, test } from 'vitest';
import type { AccountView } from '#contract/control.ts';
import { canary } from '../canary/canary.ts';
import { allowSecrets } from '../canary/collect.ts';
import { temporaryHome } from '../canary/home.ts';
import { NODE } from '../compiled/node.ts';
import { startPlain } from '../workspaces/plain.ts';
import { gangway, MAIN, type RunOptions, startGangway, startServe } from './processes.ts';

async function freshHome(environment: NodeJS.ProcessEnv = {}): Promise<RunOptions> {
  return { home: join((await temporaryHome()).path, 'data'), environment };
}

const addPlain = (url: string, label: string) => [
  'add',
  'custom',
  '--url',
  url,
  '--own-network',
  '--sign-in',
  'none',
  '--label',
  label,
];

const json = <T>(text: string): T => JSON.parse(text) as T;

/** An MCP client whose server is `gangway stdio`. */
async function connectStdio(home: string, ...words: string[]): Promise<Client> {
  const client = new Client({ name: 'test-app', version: '1.0.0' });
  const [command, ...before] = NODE;
  const args = [...before, MAIN, 'stdio', ...words, '--home', home];
  await client.connect(new StdioClientTransport({ command, args }));
  return client;
}

test('without an owner a command hosts the bridge for its own duration', async () => {
  const options = await freshHome();
  await using workspace = await startPlain({ name: 'acme' });
  const added = await gangway(addPlain(workspace.url, 'Acme'), options);
  expect(added).toMatchObject({ code: 0, stdout: 'Added Acme as "acme". It is the current account.\n' });
  expect(added.stderr).toContain('✓ you are: acme');
  const listed = await gangway(['accounts', '--json'], options);
  expect(json<AccountView[]>(listed.stdout)).toMatchObject([{ slug: 'acme', current: true }]);
  const status = await gangway(['status'], options);
  expect(status.stdout).toContain('not running; start it with: gangway serve');
});

test('commands that start at once all work, whoever becomes the owner', async () => {
  const options = await freshHome();
  await using workspace = await startPlain();
  const labels = ['One', 'Two', 'Three'];
  const added = await Promise.all(labels.map((label) => gangway(addPlain(workspace.url, label), options)));
  for (const { code, stderr } of added) expect({ code, stderr }).toMatchObject({ code: 0 });
  const { stdout } = await gangway(['accounts', '--json'], options);
  expect(
    json<AccountView[]>(stdout)
      .map(({ label }) => label)
      .sort(),
  ).toEqual(['One', 'Three', 'Two']);
});

test('serve says once that it is ready, is used by other commands and ends cleanly', async () => {
  const options = await freshHome();
  await using serve = await startServe(options);
  expect(serve.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
  const status = json<{ running: boolean; pid: number; url: string }>(
    (await gangway(['status', '--json'], options)).stdout,
  );
  expect(status).toMatchObject({ running: true, pid: serve.child.pid, url: serve.url });
  expect(await serve.end('SIGTERM')).toBe(0);
  expect(await serve.line()).toBeUndefined();
  expect(existsSync(serve.socket)).toBe(false);
});

test('serve keeps its port, and Ctrl-C or a terminal that is closed ends it as well', async () => {
  const options = await freshHome();
  const first = await startServe(options);
  expect(await first.end('SIGINT')).toBe(0);
  await using second = await startServe(options);
  expect(second.url).toBe(first.url);
  expect(await second.end('SIGHUP')).toBe(0);
  expect(existsSync(second.socket)).toBe(false);
});

test('serve --no-http opens no HTTP door', async () => {
  const options = await freshHome();
  await using serve = await startServe(options, '--no-http');
  expect(serve.url).toBeNull();
  const refused = await gangway(['endpoint', '--client', 'cursor'], options);
  expect(refused).toMatchObject({ code: 5, stdout: '' });
});

test('a second serve leaves the first alone and says so', async () => {
  const options = await freshHome();
  await using serve = await startServe(options);
  const second = await gangway(['serve', '--json'], options);
  expect(second.code).toBe(2);
  expect(json<unknown>(second.stdout)).toMatchObject({ error: { code: 'owner-running' } });
  expect((await gangway(['status'], options)).code).toBe(0);
  expect(serve.child.exitCode).toBeNull();
});

test('an owner that was killed blocks nobody', async () => {
  const options = await freshHome();
  const serve = await startServe(options);
  await serve.end('SIGKILL');
  expect(existsSync(serve.socket)).toBe(true);
  expect((await gangway(['accounts'], options)).code).toBe(0);
  await using again = await startServe(options);
  expect(again.url).toBe(serve.url);
});

test('a command whose owner is killed says that it may have been done', async () => {
  const options = await freshHome();
  const asked = Promise.withResolvers<void>();
  const silent = createServer((request) => {
    request.resume();
    asked.resolve();
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const serve = await startServe(options);
  const { port } = silent.address() as AddressInfo;
  const adding = gangway([...addPlain(`http://127.0.0.1:${port}/mcp`, 'Silent'), '--json'], options);
  await asked.promise;
  await serve.end('SIGKILL');
  const { code, stdout } = await adding;
  expect({ code, ...json<object>(stdout) }).toMatchObject({
    code: 5,
    error: { code: 'stopping', details: { mayHaveRun: true } },
  });
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
});

test('gangway stdio is an MCP server, and log --follow sees its calls', async () => {
  const options = await freshHome();
  await using workspace = await startPlain({ name: 'acme' });
  await using _serve = await startServe(options);
  await gangway(addPlain(workspace.url, 'Acme'), options);
  await using following = startGangway(['log', '--follow', '--json', '--tool', 'whoami'], options);
  const client = await connectStdio(options.home, 'acme');
  expect(JSON.stringify(await client.callTool({ name: 'whoami', arguments: {} }))).toContain('acme');
  expect(json<object>((await following.line()) ?? '')).toMatchObject({
    target: 'whoami',
    accountLabel: 'Acme',
    door: 'stdio',
    outcome: 'ok',
  });
  expect(await following.end('SIGINT')).toBe(0);
  await client.close();
});

test('a followed log ends with code 5 when the owner stops, and with its reader', async () => {
  const options = await freshHome();
  await using workspace = await startPlain({ name: 'acme' });
  await using serve = await startServe(options);
  await gangway(addPlain(workspace.url, 'Acme'), options);
  const client = await connectStdio(options.home);
  await client.callTool({ name: 'echo', arguments: { text: 'one' } });
  await using unread = startGangway(['log', '--follow', '--json'], options);
  await using following = startGangway(['log', '--follow'], options);
  expect(await unread.line()).toContain('echo');
  expect(await following.line()).toContain('echo');
  unread.child.stdout?.destroy();
  const ended = new Promise((resolve) => unread.child.once('exit', resolve));
  await client.callTool({ name: 'echo', arguments: { text: 'two' } });
  await ended;
  expect(await following.line()).toContain('echo');
  await client.close();
  expect(await serve.end('SIGTERM')).toBe(0);
  expect(await following.line()).toBeUndefined();
  expect(await following.stderr).toContain('Gangway has stopped');
});

test('a key from stdin is kept under a passphrase from one command to the next', async () => {
  const home = await temporaryHome();
  const file = join(home.path, 'passphrase');
  allowSecrets({ place: `file ${file}`, because: 'it is the file of the passphrase' });
  await writeFile(file, `${canary('generic')}\n`, { mode: 0o600 });
  const environment = { GANGWAY_VAULT: 'passphrase', GANGWAY_PASSPHRASE_FILE: file };
  const options: RunOptions = { home: join(home.path, 'data'), environment };
  const token = canary('generic');
  await using workspace = await startPlain({ tokens: { member: token } });
  const words = ['add', 'custom', '--url', workspace.url, '--own-network', '--label', 'Keyed', '--key-stdin'];
  expect((await gangway(words, { ...options, input: `${token}\n` })).code).toBe(0);
  expect((await gangway(['check', 'keyed'], options)).code).toBe(0);

  const without = { ...options, environment: { ...environment, GANGWAY_PASSPHRASE_FILE: '' } };
  const locked = await gangway(['check', 'keyed', '--json'], without);
  expect({ code: locked.code, ...json<object>(locked.stdout) }).toMatchObject({
    code: 3,
    error: { code: 'vault-locked' },
  });
  await writeFile(file, `${canary('generic')}\n`);
  const wrong = await gangway(['check', 'keyed', '--json'], options);
  expect({ code: wrong.code, ...json<object>(wrong.stdout) }).toMatchObject({
    code: 3,
    error: { code: 'vault-denied' },
  });
  await chmod(file, 0o644);
  const loose = await gangway(['check', 'keyed'], options);
  expect(loose).toMatchObject({ code: 2, stderr: expect.stringContaining('chmod 600') });
});

test('exit codes tell apart who has to act', async () => {
  const options = await freshHome();
  const token = canary('generic');
  await using workspace = await startPlain({ tokens: { member: token } });
  const words = ['add', 'custom', '--url', workspace.url, '--own-network', '--key-stdin'];
  const refusedKey = await gangway(words, { ...options, input: `${canary('generic')}\n` });
  expect(refusedKey.code).toBe(3);
  workspace.answerNext({ status: 403, times: 2 });
  expect((await gangway(words, { ...options, input: `${token}\n` })).code).toBe(4);
  const gone = await startPlain();
  await gone[Symbol.asyncDispose]();
  expect((await gangway(addPlain(gone.url, 'Gone'), options)).code).toBe(5);
  expect((await gangway(['use', 'nobody'], options)).code).toBe(2);
  const odd = { ...options, environment: { GANGWAY_VAULT: 'shoebox' } };
  expect((await gangway(['accounts'], odd)).code).toBe(2);
});

test('a key kept in memory by a command that hosts the bridge is gone, and the command says so', async () => {
  const options = await freshHome();
  const token = canary('generic');
  await using workspace = await startPlain({ tokens: { member: token } });
  const words = ['add', 'custom', '--url', workspace.url, '--own-network', '--key-stdin', '--label', 'Keyed'];
  const added = await gangway(words, { ...options, input: token });
  expect(added.stderr).toContain('in memory only');
  expect((await gangway(['check', 'keyed'], options)).code).toBe(3);
});

test('nothing that is piped has colours', async () => {
  const options = await freshHome();
  for (const words of [['accounts'], ['status'], ['use', 'nobody']]) {
    const { stdout, stderr } = await gangway(words, options);
    expect(stdout + stderr).not.toContain('\u001b');
  }
});

test('--home wins over GANGWAY_HOME', async () => {
  const options = await freshHome();
  const other = await freshHome();
  const { stdout } = await gangway(['status', '--json', '--home', other.home], options);
  expect(json<object>(stdout)).toMatchObject({ home: other.home });
  expect(existsSync(options.home)).toBe(false);
});

test('the completion script knows every command', async () => {
  const options = await freshHome();
  const { code, stdout } = await gangway(['completion', 'bash'], options);
  expect(code).toBe(0);
  expect(stdout).toContain('--header-stdin');
  expect(stdout).toContain('words="serve stdio add login logout look accounts use as');
  expect(stdout).toContain('--answer) words="continue update keep-both again cancel" ;;');
  for (const name of ['connect', 'disconnect', 'restore']) {
    expect(stdout).toMatch(
      new RegExp(`^ {4}${name}\\)\\n +words="claude-desktop claude-code .*raycast --`, 'm'),
    );
  }
});
