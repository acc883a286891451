import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryHome } from '../canary/home.ts';
import { startBus } from '../vault/session-bus.ts';
import {
  chromiumLine,
  findChromium,
  missingLine,
  missingPackages,
  missingRust,
  missingScreenPackages,
  programs,
  rustLine,
  screenLine,
  screenPrograms,
} from './programs.ts';

const program = fileURLToPath(new URL('./packages.ts', import.meta.url));

test('this machine has every program the tests need', () => {
  const missing = missingPackages();
  expect(missing, missingLine(missing)).toEqual([]);
  const noScreen = missingScreenPackages();
  expect(noScreen, screenLine(noScreen)).toEqual([]);
  expect(findChromium(), chromiumLine).toBeDefined();
  expect(missingRust(), rustLine).toEqual([]);
});

test('a browser is found by its variable, on the path, and where the system keeps it', async () => {
  await using home = await temporaryHome();
  const place = (...names: string[]) => {
    const file = join(home.path, ...names);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '', { mode: 0o755 });
    return file;
  };
  const chrome = place('bin', 'google-chrome');
  const windows = place('Google', 'Chrome', 'Application', 'chrome.exe');
  const PATH = join(home.path, 'bin');
  expect(findChromium({ CHROMIUM_PATH: '/opt/own', PATH })).toBe('/opt/own');
  expect(findChromium({ PATH }, 'linux')).toBe(chrome);
  expect(findChromium({ PATH: '', ProgramFiles: home.path }, 'win32')).toBe(windows);
  expect(findChromium({ PATH: '' }, 'linux')).toBeUndefined();
});

test.runIf(process.platform === 'linux')('without the programs, a line each says what to do', () => {
  const packages = missingPackages('/nonexistent');
  expect(packages).toEqual(Object.values(programs));
  const ofScreen = missingScreenPackages('/nonexistent');
  expect(ofScreen).toEqual(Object.values(screenPrograms));
  expect(missingRust('/nonexistent')).toEqual(['cargo', 'rustc']);
  const { status, stderr } = spawnSync(process.execPath, [program], {
    env: { PATH: '/nonexistent' },
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  const lines = [chromiumLine, missingLine(packages), screenLine(ofScreen), rustLine];
  expect(stderr.trimEnd().split('\n').slice(-4)).toEqual(lines);
});

test.runIf(process.platform === 'linux')('a keychain test without them fails with that line', async () => {
  const { PATH } = process.env;
  process.env.PATH = '/nonexistent';
  try {
    await expect(startBus()).rejects.toThrow(missingLine(Object.values(programs)));
  } finally {
    process.env.PATH = PATH;
  }
});
