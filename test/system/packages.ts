import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import {
  chromiumLine,
  chromiumPackage,
  findChromium,
  missingLine,
  missingPackages,
  missingRust,
  missingScreenPackages,
  rustLine,
  screenLine,
} from './programs.ts';

/*
 * Run before the tests: installs the missing Debian packages when we are root on Debian, as in a fresh container, and
 * otherwise says in a line each what is missing for the keychain tests, for the browser tests and for the journey of the
 * desktop app, and for the native shim. Ends with 0 either way; the tests that need them fail with that line.
 */

const wanted = [
  ...missingPackages(),
  ...missingScreenPackages(),
  ...(noBrowser() ? [chromiumPackage] : []),
  ...missingRust(),
];
const missing = [...new Set(wanted)];
if (missing.length > 0 && isDebian() && process.getuid?.() === 0) install(missing);
if (noBrowser()) process.stderr.write(`${chromiumLine}\n`);
const stillMissing = missingPackages();
if (stillMissing.length > 0) process.stderr.write(`${missingLine(stillMissing)}\n`);
const noScreen = missingScreenPackages();
if (noScreen.length > 0) process.stderr.write(`${screenLine(noScreen)}\n`);
if (missingRust().length > 0) process.stderr.write(`${rustLine}\n`);

function noBrowser(): boolean {
  return findChromium() === undefined;
}

function install(packages: readonly string[]): void {
  process.stderr.write(`Installing for the tests: ${packages.join(' ')}\n`);
  // A fresh image has no package lists, or old ones.
  aptGet(['update', '--quiet']);
  aptGet(['install', '--yes', '--quiet', '--no-install-recommends', ...packages]);
}

function aptGet(arguments_: readonly string[]): boolean {
  const { status, stdout, stderr, error } = spawnSync('apt-get', arguments_, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: 300_000,
  });
  if (status === 0) return true;
  const output = error ? `${error.message}\n` : `${stdout}${stderr}`.slice(-2000);
  process.stderr.write(`apt-get ${arguments_[0]} failed:\n${output}`);
  return false;
}

function isDebian(): boolean {
  try {
    const text = readFileSync('/etc/os-release', 'utf8');
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(text);
  } catch {
    return false;
  }
}
