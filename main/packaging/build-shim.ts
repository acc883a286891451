import { spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/*
 * node main/packaging/build-shim.ts [--out FOLDER] [--arch x64|arm64] [--target TRIPLE]
 *
 * Builds the native shim for this system and puts it where bridge/stdio-command.ts looks for it: out/shim/<platform>-<arch>.
 * For another kind of processor than this one, Rust needs `rustup target add` first.
 */

/** How Rust calls the computers that packages are for. */
const targets: Readonly<Record<string, string>> = {
  'darwin-arm64': 'aarch64-apple-darwin',
  'darwin-x64': 'x86_64-apple-darwin',
  'linux-arm64': 'aarch64-unknown-linux-gnu',
  'linux-x64': 'x86_64-unknown-linux-gnu',
  'win32-arm64': 'aarch64-pc-windows-msvc',
  'win32-x64': 'x86_64-pc-windows-msvc',
};
const source = fileURLToPath(new URL('../../bridge/shim/native/', import.meta.url));
/** Shared with the tests, so that nothing is built twice. */
const built = fileURLToPath(new URL('../../.cache/native-shim/', import.meta.url));

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'out' },
    arch: { type: 'string', default: process.arch },
    target: { type: 'string' },
  },
});
const computer = `${process.platform}-${values.arch}`;
const target = values.target ?? (values.arch === process.arch ? undefined : targets[computer]);
if (target === undefined && values.arch !== process.arch)
  throw new Error(`There are no packages for ${computer}.`);

const words = ['build', '--release', '--locked', '--offline', '--quiet', '--target-dir', built];
const { error, status } = spawnSync('cargo', target === undefined ? words : [...words, '--target', target], {
  cwd: source,
  stdio: ['ignore', 'inherit', 'inherit'],
});
if (error || status !== 0) {
  const advice = error ? 'The native shim needs Rust: https://rustup.rs or apt-get install cargo' : '';
  process.stderr.write(advice && `${advice}\n`);
  process.exit(1);
}
const name = process.platform === 'win32' ? 'gangway-shim.exe' : 'gangway-shim';
const output = join(values.out, 'shim', computer, name);
await mkdir(dirname(output), { recursive: true });
// A shim that runs keeps its file; the new one gets another.
await rm(output, { force: true });
await copyFile(join(built, target ?? '', 'release', name), output);
await chmod(output, 0o755);
process.stdout.write(`${output}\n`);
