import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { decide, hasDesktop, programIn, reasonOf } from '#main/start.ts';
import { startChromium } from '../browser/chromium.ts';
import { temporaryHome } from '../canary/home.ts';

const START = fileURLToPath(new URL('../../main/start.ts', import.meta.url));
/** Nobody listens there, so nothing is ever downloaded. */
const NOWHERE = 'http://127.0.0.1:9/';

test.each([
  [{ panel: true, override: '/e', installed: '/i' }, { kind: 'panel' }],
  [{ panel: true, override: undefined, installed: undefined }, { kind: 'panel' }],
  [{ panel: true, override: undefined, installed: '/i', hasDesktop: false }, { kind: 'panel' }],
  [
    { panel: false, override: '/e', installed: '/i' },
    { kind: 'desktop', folder: '/e' },
  ],
  [
    { panel: false, override: '/e', installed: undefined, hasDesktop: false },
    { kind: 'desktop', folder: '/e' },
  ],
  [
    { panel: false, override: '', installed: '/i' },
    { kind: 'desktop', folder: '/i' },
  ],
  [{ panel: false, override: undefined, installed: undefined }, { kind: 'download' }],
  [
    { panel: false, override: undefined, installed: undefined, hasDesktop: false },
    { kind: 'panel', because: 'There is no desktop here' },
  ],
  [
    { panel: false, override: '', installed: '/i', hasDesktop: false },
    { kind: 'panel', because: 'There is no desktop here' },
  ],
] as const)('with %j there is only one thing to start', (found, decision) => {
  expect(decide({ hasDesktop: true, ...found })).toEqual(decision);
});

test.each([
  ['linux', {}, false],
  ['linux', { DISPLAY: '', WAYLAND_DISPLAY: '' }, false],
  ['linux', { DISPLAY: ':0' }, true],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, true],
  ['freebsd', {}, false],
  ['darwin', {}, true],
  ['win32', {}, true],
] as const)('on %s with %j there is a desktop: %s', (platform, environment, expected) => {
  expect(hasDesktop(platform, environment)).toBe(expected);
});

test.each([
  ['linux', '/e/electron'],
  ['win32', '/e/electron.exe'],
  ['darwin', '/e/Electron.app/Contents/MacOS/Electron'],
] as const)('on %s the program of Electron is %s', (platform, path) => {
  expect(programIn('/e', platform).replaceAll('\\', '/')).toBe(path);
});

test.each([
  ['TypeError: fetch failed', 'its server cannot be reached'],
  ['HTTPError: Response code 403 (Forbidden) for https://x', 'its server refused'],
  ['Error: Generated checksum for "x" did not match expected checksum.', 'the download was damaged'],
  ['Error: ENOSPC: no space left on device, write', 'the disk is full'],
  ["Error: EACCES: permission denied, mkdir '/x'", 'it cannot be saved here'],
  ['Error: Electron builds are not available on platform: sunos', 'there is none for this system'],
  ['', 'the download failed'],
])('"%s" means that %s', (printed, why) => {
  expect(reasonOf(printed)).toBe(why);
});

/** A started `main/start.ts`. */
interface Started {
  readonly child: ChildProcess;
  readonly stderr: Promise<string>;
  readonly exit: Promise<[code: number | null]>;
}

async function startMain(
  args: readonly string[],
  more: NodeJS.ProcessEnv,
  detached = false,
): Promise<Started> {
  const { path } = await temporaryHome();
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(GANGWAY_|ELECTRON_|VITEST|NODE_ENV|NODE_OPTIONS|DISPLAY|electron_)/.test(name),
  );
  const env = {
    ...Object.fromEntries(kept),
    GANGWAY_HOME: join(path, 'data'),
    GANGWAY_VAULT: 'memory',
    ELECTRON_MIRROR: NOWHERE,
    electron_config_cache: join(path, 'cache'),
    ...more,
  };
  const child = spawn(process.execPath, args, { env, detached, stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = once(child, 'exit') as Promise<[number | null]>;
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await exit;
  });
  return { child, stderr: text(child.stderr), exit };
}

/** What a folder of Gangway would hold, with programs that only write down that they ran. */
async function aProject(programs: Readonly<Record<string, string>> = {}) {
  const { path: root } = await temporaryHome();
  const ran = join(root, 'ran');
  const noting = (what: string): string =>
    `require('node:fs').appendFileSync(${JSON.stringify(ran)}, ['${what}', ...process.argv.slice(2)].join(' ') + '\\n');`;
  const files: Record<string, string> = {
    'node_modules/electron-vite/bin/electron-vite.js': noting('electron-vite'),
    'node_modules/electron/install.js': `${noting('install')} console.error('TypeError: fetch failed'); process.exit(1);`,
    'bridge/cli/main.ts': noting('gangway'),
    'electron/electron': `#!/bin/sh\nprintf 'electron %s\\n' "$*" >> ${ran}\n[ -z "$ELECTRON_RUN_AS_NODE" ] && exit 7`,
    ...programs,
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content.replaceAll('NOTE', noting('install')));
    await chmod(join(root, name), 0o755);
  }
  const script = `process.exitCode = await (await import(${JSON.stringify(START)})).start(${JSON.stringify(root)}, process.argv.slice(1));`;
  const start = (words: readonly string[] = [], environment: NodeJS.ProcessEnv = {}): Promise<Started> =>
    startMain(['--input-type=module', '--eval', script, '--', ...words], { DISPLAY: ':7', ...environment });
  return { root, start, ran: async () => (await readFile(ran, 'utf8')).trimEnd().split('\n') };
}

// The programs in the place of Electron are scripts of a shell.
const withShell = test.runIf(process.platform === 'linux');

withShell(
  'a chosen Electron gets the app, the words and a clean environment, and its exit code passes',
  async () => {
    const project = await aProject();
    const environment = {
      ELECTRON_OVERRIDE_DIST_PATH: join(project.root, 'electron'),
      ELECTRON_RUN_AS_NODE: '1',
    };
    const { exit, stderr } = await project.start(['gangway://add', '--hidden'], environment);
    expect((await exit)[0]).toBe(7);
    expect(await stderr).toBe('');
    expect(await project.ran()).toEqual([
      'electron-vite build',
      `electron ${project.root} gangway://add --hidden`,
    ]);
  },
);

withShell('an Electron that was downloaded before is started without asking anybody', async () => {
  const project = await aProject({
    'node_modules/electron/path.txt': 'electron',
    'node_modules/electron/dist/electron': '#!/bin/sh\nexit 0',
  });
  const { exit, stderr } = await project.start();
  expect((await exit)[0]).toBe(0);
  expect(await stderr).toBe('');
  expect(await project.ran()).toEqual(['electron-vite build']);
});

withShell('an Electron that can be downloaded is, and starts', async () => {
  const project = await aProject({
    'node_modules/electron/install.js': `NOTE
      const fs = require('node:fs');
      fs.mkdirSync(__dirname + '/dist');
      fs.writeFileSync(__dirname + '/dist/electron', '#!/bin/sh\\nexit 5', { mode: 0o755 });
      fs.writeFileSync(__dirname + '/path.txt', 'electron');`,
  });
  const { exit, stderr } = await project.start();
  expect((await exit)[0]).toBe(5);
  expect(await stderr).toBe('');
  expect(await project.ran()).toEqual(['electron-vite build', 'install']);
});

test('without Electron one line says why, and the window is in the browser', async () => {
  const project = await aProject();
  const { exit, stderr } = await project.start(['gangway://add']);
  expect((await exit)[0]).toBe(0);
  expect(await stderr).toBe(
    'gangway: Electron cannot be had here (its server cannot be reached), so the window opens in the browser instead.\n',
  );
  expect(await project.ran()).toEqual(['electron-vite build', 'install', 'gangway panel']);
});

withShell('without a desktop nothing is downloaded, and one line says why', async () => {
  const project = await aProject();
  const { exit, stderr } = await project.start(['gangway://add'], { DISPLAY: '' });
  expect((await exit)[0]).toBe(0);
  expect(await stderr).toBe(
    'gangway: There is no desktop here, so the window opens in the browser instead.\n',
  );
  expect(await project.ran()).toEqual(['electron-vite build', 'gangway panel']);
});

test('--panel opens the browser without trying anything else', async () => {
  const project = await aProject({ 'node_modules/electron/path.txt': 'electron' });
  const environment = { ELECTRON_OVERRIDE_DIST_PATH: join(project.root, 'electron') };
  const { exit, stderr } = await project.start(['--panel', '--no-open', '--port', '4711'], environment);
  expect((await exit)[0]).toBe(0);
  expect(await stderr).toBe('');
  expect(await project.ran()).toEqual(['electron-vite build', 'gangway panel --no-open --port 4711']);
});

test('a build that fails is shown, and nothing is started', async () => {
  const project = await aProject({
    'node_modules/electron-vite/bin/electron-vite.js':
      "console.log('line 3: no such thing'); process.exit(1);",
  });
  const { exit, stderr } = await project.start();
  expect((await exit)[0]).toBe(1);
  expect(await stderr).toContain('line 3: no such thing');
  await expect(project.ran()).rejects.toThrow('ENOENT');
});

// Windows has no signals.
const withSignals = test.runIf(process.platform !== 'win32');

withSignals('a signal for npm start alone reaches what it started, whose exit code passes', async () => {
  const project = await aProject({
    'bridge/cli/main.ts': `process.on('SIGTERM', () => process.exit(3));
      setInterval(() => undefined, 1000);
      console.log('ready');`,
  });
  const { child, exit } = await project.start(['--panel']);
  await once(child.stdout!, 'data');
  child.kill('SIGTERM');
  expect((await exit)[0]).toBe(3);
});

withSignals(
  'npm start opens the real window in a real browser, offline too, and Ctrl-C ends it',
  async () => {
    // Where Electron is, it would open its own window.
    const hasElectron = existsSync(new URL('../../node_modules/electron/path.txt', import.meta.url));
    const { child, stderr, exit } = await startMain(
      [START, ...(hasElectron ? ['--panel'] : [])],
      { DISPLAY: ':7' },
      true,
    );
    const { value: link = '' } = await createInterface({ input: child.stdout! })
      [Symbol.asyncIterator]()
      .next();
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/open\?ticket=/);
    await using chromium = await startChromium();
    const page = await chromium.newPage();
    await page.goto(link);
    await page.getByRole('navigation').first().waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
    // As a terminal does it: to all of the group.
    process.kill(-(child.pid ?? 0), 'SIGINT');
    expect((await exit)[0]).toBe(0);
    const told = (await stderr).split('\n').filter((line) => line.startsWith('gangway:'));
    expect(told).toEqual(hasElectron ? [] : [expect.stringContaining('its server cannot be reached')]);
  },
  120_000,
);
