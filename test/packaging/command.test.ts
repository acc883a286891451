import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { VERSION } from '#bridge/base/version.ts';
import type { BridgeStatus } from '#contract/control.ts';
import { seaConfig } from '#main/packaging/single-executable.ts';
import { temporaryHome } from '../canary/home.ts';
import { ask, follow } from '../panel/a-panel.ts';
import { lives } from '../vault/keychain-vault.ts';
import { startBus } from '../vault/session-bus.ts';
import { startPlain } from '../workspaces/plain.ts';
import { type Ended, runProgram, startProgram } from './programs.ts';
import { scratchFolder } from './scratch.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const PAGE = '<!doctype html><title>Gangway</title>';
const SCRIPT = 'node gangway.cjs';
const EXECUTABLE = 'a single executable';
const forms = [SCRIPT, EXECUTABLE];

let folder: AsyncDisposable & { readonly path: string };
/** Nothing is in it, least of all packages. */
let empty: string;
let programs: Readonly<Record<string, readonly [string, ...string[]]>>;

beforeAll(async () => {
  folder = await scratchFolder();
  empty = join(folder.path, 'empty');
  await mkdir(empty);
  const out = join(folder.path, 'out');
  const vite = ['node_modules/vite/bin/vite.js', 'build', '--config'];
  await build([...vite, 'command.vite.config.ts', '--outDir', join(out, 'command')]);
  await build([...vite, 'shim.vite.config.ts', '--outDir', join(out, 'shim')]);
  await build(['main/packaging/build-shim.ts', '--out', out]);
  await mkdir(join(out, 'renderer'));
  await writeFile(join(out, 'renderer/index.html'), PAGE);
  const built = await build(['main/packaging/build-command.ts', '--out', out]);
  // As in an app: the executable in `bin`, the panel and what is outside the archive beside that.
  const resources = join(folder.path, 'resources');
  await cp(join(out, 'command/panel'), join(resources, 'panel'), { recursive: true });
  const executable = join(resources, 'bin', process.platform === 'win32' ? 'gangway.exe' : 'gangway');
  await cp(built.stdout.trim(), executable);
  for (const place of [join(resources, 'app.asar.unpacked'), join(out, 'command')]) {
    for (const name of await keyrings()) {
      const inside = join('node_modules/@napi-rs', name);
      await cp(join(REPOSITORY, inside), join(place, inside), { recursive: true });
    }
  }
  programs = {
    [SCRIPT]: [process.execPath, join(out, 'command/gangway.cjs')],
    [EXECUTABLE]: [executable],
  };
}, 120_000);
afterAll(() => folder[Symbol.asyncDispose]());

async function build(words: readonly string[]): Promise<Ended> {
  const ended = await runProgram(process.execPath, words, { cwd: REPOSITORY });
  if (ended.code !== 0) throw new Error(`The build failed: ${ended.stderr.slice(-2000)}`);
  return ended;
}

async function keyrings(): Promise<string[]> {
  const names = await readdir(join(REPOSITORY, 'node_modules/@napi-rs'));
  return names.filter((name) => name.startsWith('keyring'));
}

interface Home {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

async function freshHome(environment: NodeJS.ProcessEnv = {}): Promise<Home> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:GANGWAY_|NODE_|VITEST)/.test(name));
  const home = join((await temporaryHome()).path, 'data');
  const env = { ...Object.fromEntries(kept), GANGWAY_HOME: home, GANGWAY_VAULT: 'memory', ...environment };
  return { cwd: empty, env };
}

function run(form: string, words: readonly string[], home: Home): Promise<Ended> {
  const [program, ...first] = programs[form]!;
  return runProgram(program, [...first, ...words], home);
}

function start(form: string, words: readonly string[], home: Home): ReturnType<typeof startProgram> {
  const [program, ...first] = programs[form]!;
  return startProgram(program, [...first, ...words], home);
}

async function statusOf(form: string, home: Home): Promise<BridgeStatus> {
  const { code, stdout, stderr } = await run(form, ['status', '--json'], home);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout);
}

describe.each(forms)('gangway of an installed app, as %s', (form) => {
  test('says its version', async () => {
    expect(await run(form, ['--version'], await freshHome())).toEqual({
      code: 0,
      stdout: `${VERSION}\n`,
      stderr: '',
    });
  });

  test('serves the bridge, which other commands find', async () => {
    const home = await freshHome();
    await using serve = start(form, ['serve', '--json'], home);
    const { ready, socket } = JSON.parse((await serve.line()) ?? '');
    expect(ready).toBe(true);
    expect(await statusOf(form, home)).toMatchObject({ version: VERSION, pid: serve.child.pid, socket });
    expect(await serve.end('SIGTERM')).toBe(process.platform === 'win32' ? null : 0);
  });

  test('is the stdio door of an app, and starts the bridge for it', async () => {
    const home = await freshHome();
    await using workspace = await startPlain({ name: 'acme' });
    const added = await run(
      form,
      ['add', 'custom', '--url', workspace.url, '--own-network', '--sign-in', 'none', '--label', 'Acme'],
      home,
    );
    expect(added).toMatchObject({ code: 0 });
    const [command, ...first] = programs[form]!;
    const client = new Client({ name: 'test-app', version: '1.0.0' });
    const env = Object.fromEntries(Object.entries(home.env).map(([name, value]) => [name, value ?? '']));
    await client.connect(new StdioClientTransport({ command, args: [...first, 'stdio'], cwd: empty, env }));
    const { pid } = await statusOf(form, home);
    onTestFinished(async () => {
      await client.close();
      process.kill(pid);
      await vi.waitFor(() => expect(lives(pid)).toBe(false), 10_000);
    });
    const { content } = await client.callTool({ name: 'whoami', arguments: {} });
    expect(JSON.stringify(content)).toContain('acme');
  });

  test('shows the panel that is installed with it', async () => {
    await using panel = start(form, ['panel', '--json', '--no-open'], await freshHome());
    const link = JSON.parse((await panel.line()) ?? '').url;
    const port = Number(new URL(link).port);
    const opened = await follow(port, link);
    const [cookie] = (opened.headers['set-cookie'] ?? '').split(';');
    const page = await ask({ port }, cookie, { line: 'GET / HTTP/1.1' });
    expect(page).toMatchObject({ status: 200, body: PAGE });
  });

  test.runIf(process.platform === 'linux')(
    'keeps its key in the keychain, in a process of its own',
    async () => {
      await using bus = await startBus();
      await bus.startKeyring();
      const home = await freshHome({ ...bus.environment, GANGWAY_VAULT: 'keychain' });
      await using serve = start(form, ['serve', '--json', '--no-http'], home);
      await serve.line();
      const { code, stdout } = await run(form, ['unlock', '--json'], home);
      expect(code).toBe(0);
      expect(JSON.parse(stdout).vault).toEqual({ kind: 'keychain', state: 'ready' });
    },
  );

  test('does nothing as its own keychain process when nobody asks', async () => {
    const ended = await run(form, ['--keychain-child'], await freshHome());
    expect(ended).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});

describe('the single executable', () => {
  test('comes with the licenses of what is in it', async () => {
    const licenses = join(folder.path, 'out/command/licenses');
    expect(await readFile(join(licenses, 'node.txt'), 'utf8')).toContain('Node.js is licensed');
    const bundled = await readFile(join(licenses, 'gangway.md'), 'utf8');
    for (const name of ['undici', 'zod', 'oauth4webapi', '@orpc/server']) expect(bundled).toContain(name);
  });

  test('has the native shim beside it, which runs', async () => {
    const platform = { darwin: 'mac', win32: 'win' }[String(process.platform)] ?? 'linux';
    const ending = process.platform === 'win32' ? '.exe' : '';
    const shim = join(folder.path, 'out/command', `${platform}-${process.arch}`, `gangway-shim${ending}`);
    expect((await stat(shim)).size).toBeLessThan(2 * 1024 * 1024);
    const usage = 'Usage: gangway-shim [--home DIR] [--client LABEL] [ADDRESS]\n';
    expect(await runProgram(shim, ['--help'], await freshHome())).toMatchObject({
      code: 2,
      stdout: '',
      stderr: usage,
    });
  });

  test('has the shim that bundles are made of beside it', async () => {
    const platform = { darwin: 'mac', win32: 'win' }[String(process.platform)] ?? 'linux';
    const beside = join(folder.path, 'out/command', `${platform}-${process.arch}`, 'gangway-shim.cjs');
    const shim = await readFile(beside, 'utf8');
    expect(shim.match(/(?:from|import|require\(|import\() ?"(?!node:)[^"]*"/g)).toBeNull();
    // What only an owner to be started needs is not loaded at every start.
    expect(shim).not.toMatch(/^let .*node:child_process/m);
    expect(shim).toContain('gangway-shim [--home DIR]');
  });

  test('takes no word of NODE_OPTIONS', async () => {
    const home = await freshHome({ NODE_OPTIONS: '--no-such-option' });
    expect(await run(EXECUTABLE, ['--version'], home)).toMatchObject({ code: 0, stdout: `${VERSION}\n` });
    expect(await run(SCRIPT, ['--version'], home)).toMatchObject({ code: 9 });
  });

  test.runIf(process.platform !== 'win32')('opens no door for a debugger at a signal', async () => {
    const home = await freshHome();
    await using serve = start(EXECUTABLE, ['serve', '--json', '--no-http'], home);
    await serve.line();
    serve.child.kill('SIGUSR1');
    await statusOf(EXECUTABLE, home);
    expect(await serve.end('SIGTERM')).toBe(0);
    expect(await serve.stderr).not.toContain('Debugger');
  });

  test('takes code that was prepared for another processor as text', () => {
    expect(seaConfig('main.cjs', 'blob', true)).toMatchObject({ useCodeCache: true });
    expect(seaConfig('main.cjs', 'blob', false)).toMatchObject({ useCodeCache: false });
  });
});
