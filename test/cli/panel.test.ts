import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { pathsFor } from '#bridge/base/paths.ts';
import { VERSION } from '#bridge/base/version.ts';
import type { Installation } from '#bridge/cli/command.ts';
import { showPanel, windowFolder } from '#bridge/cli/commands/panel.ts';
import { hostBridge } from '#bridge/cli/host.ts';
import { runWords } from '#bridge/cli/program.ts';
import { BridgeError } from '#contract/errors.ts';
import { adoptSecret, canary } from '../canary/canary.ts';
import { allowSecrets } from '../canary/collect.ts';
import { temporaryHome } from '../canary/home.ts';
import { clicked } from '../invariants/openers.ts';
import { cookieFor, windowOf } from '../panel/a-panel.ts';
import { scriptedControl } from './a-control.ts';
import { contextOf, partsOf, testTerminal } from './a-terminal.ts';
import { gangway, startServe } from './processes.ts';

const PROGRAM = new URL('../../bridge/cli/program.ts', import.meta.url);

/** A built window, and a data folder. */
async function freshPlace(): Promise<{ home: string; window: string }> {
  const { path } = await temporaryHome();
  const window = join(path, 'window');
  await mkdir(window);
  await writeFile(join(window, 'index.html'), '<!doctype html><title>Gangway</title><h1>Window</h1>');
  return { home: join(path, 'data'), window };
}

/** An installed `gangway panel` in a process of its own. */
async function startPanel({ home, window }: { home: string; window: string }, ...words: string[]) {
  const installed = { program: [process.execPath], window };
  const script = `
    const { main } = await import(${JSON.stringify(PROGRAM.href)});
    process.exitCode = await main(process.argv.slice(1), ${JSON.stringify(installed)});`;
  const environment = Object.entries(process.env).filter(
    ([name]) => !/^(GANGWAY_|VITEST|DISPLAY)/.test(name),
  );
  const child = spawn(
    process.execPath,
    ['--input-type=module', '--eval', script, '--', 'panel', '--json', ...words],
    {
      env: { ...Object.fromEntries(environment), GANGWAY_HOME: home, GANGWAY_VAULT: 'memory' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  onTestFinished(() => ended(child, 'SIGKILL').then(() => undefined));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value: line = '' } = await lines.next();
  const { ready, url } = JSON.parse(line) as { ready: boolean; url: string };
  expect(ready).toBe(true);
  return { child, link: url, port: Number(new URL(url).port), rest: lines };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exit = once(child, 'exit') as Promise<[number | null]>;
  child.kill(signal);
  const [code] = await exit;
  return code;
}

const refusesConnections = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(false)).on('error', () => resolve(true));
    onTestFinished(() => void socket.destroy());
  });

test('without an owner the panel hosts the bridge with its HTTP door, until SIGTERM', async () => {
  const place = await freshPlace();
  const panel = await startPanel(place);
  const window = windowOf(panel.port, await cookieFor(panel.link));
  const status = await window.status();
  expect(status).toMatchObject({
    home: place.home,
    pid: panel.child.pid,
    url: expect.stringContaining('/mcp'),
  });
  const seen = await gangway(['status', '--json'], { home: place.home });
  expect(JSON.parse(seen.stdout)).toMatchObject({ running: true, pid: panel.child.pid });
  expect(await ended(panel.child, 'SIGTERM')).toBe(0);
  expect((await panel.rest.next()).done).toBe(true);
  expect(await refusesConnections(panel.port)).toBe(true);
});

test('the panel attaches to the owner, and becomes the next one when it ends', async () => {
  const place = await freshPlace();
  const serve = await startServe({ home: place.home });
  const panel = await startPanel(place);
  const window = windowOf(panel.port, await cookieFor(panel.link));
  expect(await window.status()).toMatchObject({ pid: serve.child.pid });
  const changes = await window.watch();
  await changes.next();
  expect(await serve.end('SIGTERM')).toBe(0);
  for await (const _ of changes);
  expect(await window.status()).toMatchObject({ pid: panel.child.pid });
  const again = await window.watch();
  expect((await again.next()).value).toMatchObject({ status: { pid: panel.child.pid } });
  await again.return?.();
  expect(await ended(panel.child, 'SIGINT')).toBe(0);
});

test('neither link nor cookie is in an argument, the environment, the log or the data folder', async () => {
  const place = await freshPlace();
  const panel = await startPanel(place);
  allowSecrets({ place: /^stdout of /, because: 'the link is what the command is for' });
  adoptSecret('generic', new URL(panel.link).searchParams.get('ticket') ?? '');
  const cookie = await cookieFor(panel.link);
  adoptSecret('generic', cookie.slice(cookie.indexOf('=') + 1));
  await windowOf(panel.port, cookie).status();
  await cookieFor(panel.link).catch(() => undefined);
  expect(await ended(panel.child, 'SIGTERM')).toBe(0);
  // The file is made by its first line, so there is none.
  expect(await readdir(pathsFor(place.home, {}).logs)).not.toContain('panel.log');
});

/** As the command is installed, with its window in this folder. */
function installedWith(window: string): Installation {
  const start = (): never => {
    throw new Error('No keychain is needed here.');
  };
  return { window, program: [process.execPath], keychain: { start } };
}

/** `gangway panel` in this process, at a terminal, with a bridge that answers its status. */
async function atTerminal(options: { open?: boolean; environment?: NodeJS.ProcessEnv; isTTY?: boolean }) {
  const { home, window } = await freshPlace();
  const { control } = scriptedControl({ status: () => ({ version: VERSION }) });
  const screen = testTerminal(options.isTTY ?? true);
  const leaving = new AbortController();
  const { environment = {} } = options;
  const parts = partsOf(screen, control, {
    paths: pathsFor(home, {}),
    environment,
    installation: installedWith(window),
    signal: leaving.signal,
  });
  const running = showPanel({ port: 0, open: options.open ?? false }, parts);
  onTestFinished(() => {
    leaving.abort();
    return running.then(() => undefined);
  });
  await screen.shows('Ctrl-C');
  const links = (): string[] => screen.stdout().trim().split('\n');
  return { screen, running, links };
}

test('at a terminal, Enter prints a fresh link and Ctrl-C ends the panel', async () => {
  const { screen, running, links } = await atTerminal({});
  expect(links()).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/open\?ticket=[\w-]{43}$/)]);
  screen.stdin.write('\r');
  await expect.poll(() => links().length).toBe(2);
  const [first = '', second = ''] = links();
  expect(second).not.toBe(first);
  for (const link of [first, second]) await cookieFor(link);
  screen.stdin.write('\u0003');
  expect(await running).toBeUndefined();
  expect(await refusesConnections(Number(new URL(first).port))).toBe(true);
});

// Elsewhere it would open the browser of whoever runs this.
const onLinux = test.runIf(process.platform === 'linux');

onLinux('the link opens in the browser of the person', async () => {
  clicked();
  const { path } = await temporaryHome();
  await writeFile(
    join(path, 'xdg-open'),
    `#!/bin/sh\nprintf '%s ' "$#" "$1" "$GANGWAY_HOME." > ${path}/opened\n`,
    {
      mode: 0o700,
    },
  );
  const environment = { PATH: `${path}${delimiter}${process.env.PATH}`, DISPLAY: ':7', GANGWAY_HOME: '/x' };
  const { links } = await atTerminal({ open: true, environment });
  await expect.poll(() => readFile(join(path, 'opened'), 'utf8').catch(() => '')).toBe(`1 ${links()[0]} . `);
});

onLinux('where there is no desktop, the person is told to open the link', async () => {
  const { screen } = await atTerminal({ open: true });
  await screen.shows('Open the link yourself.');
});

test.each([
  ['--no-open', { open: false, isTTY: true }],
  ['without a terminal', { open: true, isTTY: false }],
])('%s, no browser is started', async (_, options) => {
  const { screen } = await atTerminal({ ...options, environment: { DISPLAY: ':7', PATH: '/nowhere' } });
  await new Promise((resolve) => setImmediate(resolve));
  expect(screen.stderr()).not.toContain('yourself');
});

test('when the window is not built, one sentence says how to build it', async () => {
  const { home } = await freshPlace();
  const screen = testTerminal();
  const installation = installedWith(join(home, 'nowhere'));
  const context = { ...contextOf(screen, { GANGWAY_HOME: home, GANGWAY_VAULT: 'memory' }), installation };
  expect(await runWords(['panel'], context)).toBe(1);
  expect(screen.stdout()).toBe('');
  expect(screen.stderr().trim().split('\n')).toEqual([expect.stringContaining('npm run build')]);
});

test('nobody is invited before there is a bridge', async () => {
  const { home, window } = await freshPlace();
  const { control } = scriptedControl({
    status: () => {
      throw new BridgeError('storage', 'The data folder cannot be used.');
    },
  });
  const screen = testTerminal();
  const parts = partsOf(screen, control, { paths: pathsFor(home, {}), installation: installedWith(window) });
  await expect(showPanel({ port: 0, open: false }, parts)).rejects.toMatchObject({ code: 'storage' });
  expect(screen.stdout()).toBe('');
});

test('a bridge of another version is not shown in a window that may not fit it', async () => {
  const { home, window } = await freshPlace();
  const { control } = scriptedControl({ status: () => ({ version: '0.0.9' }) });
  const screen = testTerminal();
  const parts = partsOf(screen, control, { paths: pathsFor(home, {}), installation: installedWith(window) });
  await expect(showPanel({ port: 0, open: false }, parts)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('The bridge that runs is Gangway 0.0.9'),
  });
  expect(screen.stdout()).toBe('');
});

test('a bridge that is hosted while the panel listens asks for no passphrase; its window does', async () => {
  const { home } = await freshPlace();
  const screen = testTerminal(true);
  const surroundings = {
    ...partsOf(screen, scriptedControl({}).control),
    paths: pathsFor(home, {}),
    environment: { GANGWAY_VAULT: 'passphrase' },
  };
  {
    using _keys = screen.terminal.listen({ enter: () => undefined, leave: () => undefined });
    await using bridge = await hostBridge(surroundings, { http: false });
    expect(await bridge.control.status()).toMatchObject({ vault: { kind: 'passphrase', state: 'locked' } });
  }
  expect(screen.stderr()).toBe('');
  const hosting = hostBridge(surroundings, { http: false });
  const passphrase = canary('generic');
  for (const question of ['New passphrase', 'once more']) {
    await screen.shows(question);
    screen.stdin.write(`${passphrase}\r`);
  }
  await using bridge = await hosting;
  expect(await bridge.control.vault.open()).toMatchObject({ vault: { state: 'ready' } });
});

test('a port that cannot be one is wrong use', async () => {
  const screen = testTerminal();
  expect(await runWords(['panel', '--port', '80'], contextOf(screen))).toBe(2);
  expect(screen.stderr()).toContain('1024');
});

test('the window is where the installation has it, else where it is built from source', () => {
  expect(windowFolder({ window: '/opt/gangway/renderer' })).toBe('/opt/gangway/renderer');
  expect(windowFolder(undefined)).toBe(fileURLToPath(new URL('../../out/renderer', import.meta.url)));
});
