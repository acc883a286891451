import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { nativeFolder } from './native-shim.ts';
import { initialize } from './test-owner.ts';

/*
 * npm run shim:windows
 *
 * Builds the native shim for Windows with MinGW and runs under Wine what needs no owner: its own tests, wrong arguments, no
 * Gangway, the end of stdin, a folder with an odd name. On Debian, as root: apt-get install cargo libstd-rust-dev-windows gcc-mingw-w64-x86-64 wine64.
 */

const TARGET = 'x86_64-pc-windows-gnu';
const built = fileURLToPath(new URL('../../.cache/native-shim-windows/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gangway-wine-'));
const wine = process.env.WINE ?? '/usr/lib/wine/wine64';
const env: NodeJS.ProcessEnv = {
  ...process.env,
  // Debian's Rust, whose parts for Windows come with the packages above.
  PATH: `/usr/bin:${process.env.PATH}`,
  WINEPREFIX: join(folder, 'wine'),
  WINEDEBUG: '-all',
  CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER: wine,
};

try {
  cargo('build', '--release');
  cargo('test');
  const shim = join(built, TARGET, 'release', 'gangway-shim.exe');
  const home = join(folder, 'home');
  mkdirSync(join(home, 'config'), { recursive: true });
  writeFileSync(join(home, 'config', 'settings.json'), JSON.stringify({ startOwner: false }));

  const wrong = start(shim, '--help');
  const usage = wrong.stderr ? await text(wrong.stderr) : '';
  check('wrong arguments', (await ended(wrong)) === 2 && usage.startsWith('Usage: gangway-shim '), usage);

  const client = start(shim, '--home', `Z:${home.replaceAll('/', '\\')}`);
  const since = performance.now();
  client.stdin?.write(`${JSON.stringify(initialize)}\n`);
  if (!client.stdout) throw new TypeError('a shim without pipes');
  const [line] = await once(createInterface({ input: client.stdout }), 'line');
  check('no Gangway', String(line).includes('"id":0,"error":{"code":-31010,'), String(line));
  check('within five seconds', performance.now() - since < 5000, `${performance.now() - since} ms`);
  client.stdin?.end();
  check('the end of stdin', (await ended(client)) === 0, 'another exit code');

  // ST-50: a folder with every letter that a shell of Windows reads as something else, for the program and its data.
  const odd = join(folder, "Ann's Apps & Tools (x86) %PATH% !x! ^ ü");
  mkdirSync(join(odd, 'config'), { recursive: true });
  writeFileSync(join(odd, 'config', 'settings.json'), JSON.stringify({ startOwner: false }));
  copyFileSync(shim, join(odd, 'gangway-shim.exe'));
  const installed = start(join(odd, 'gangway-shim.exe'), '--home', `Z:${odd.replaceAll('/', '\\')}`);
  installed.stdin?.end(`${JSON.stringify(initialize)}\n`);
  const said = installed.stdout ? await text(installed.stdout) : '';
  check('ST-50 a folder with any name', said.includes('"id":0,"error":{"code":-31010,'), said);
} finally {
  spawnSync(join(dirname(wine), 'wineserver'), ['--kill', '--wait'], { env });
  rmSync(folder, { recursive: true, force: true });
}

function cargo(command: string, ...words: string[]): void {
  const all = [command, ...words, '--locked', '--offline', '--target', TARGET, '--target-dir', built];
  const { status, error } = spawnSync('/usr/bin/cargo', all, {
    cwd: nativeFolder,
    stdio: 'inherit',
    env: { ...env, RUSTC: '/usr/bin/rustc' },
  });
  if (error || status !== 0) throw new Error(`cargo ${command} failed`);
}

function start(shim: string, ...words: string[]): ChildProcess {
  return spawn(wine, [shim, ...words], { env, stdio: 'pipe' });
}

async function ended(child: ChildProcess): Promise<number | null> {
  return child.exitCode ?? ((await once(child, 'exit'))[0] as number | null);
}

function check(what: string, isRight: boolean, otherwise: string): void {
  process.stdout.write(`${isRight ? 'right' : 'WRONG'}  ${what}${isRight ? '' : `: ${otherwise}`}\n`);
  if (!isRight) process.exitCode = 1;
}
