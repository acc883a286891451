import { existsSync } from 'node:fs';
import { cp, realpath, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildSingleExecutable } from './single-executable.ts';

/*
 * node main/packaging/build-command.ts [--out FOLDER] [--arch x64|arm64 --node FILE]
 *
 * Makes what an installed app has beside its archive: `gangway` as one executable, its shims, its
 * licenses, and the files of its panel. out/command/gangway.cjs, out/shim and the window out/renderer are built before.
 * For another kind of processor it takes the same version of Node for that one.
 */

/** How electron-builder calls the systems. */
const systems: Readonly<Record<string, string>> = { darwin: 'mac', linux: 'linux', win32: 'win' };

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'out' },
    arch: { type: 'string', default: process.arch },
    node: { type: 'string', default: process.execPath },
  },
});
const command = join(values.out, 'command');
const system = systems[process.platform];
if (system === undefined) throw new Error('There are no packages for this system.');
const output = join(command, `${system}-${values.arch}`, system === 'win' ? 'gangway.exe' : 'gangway');

await buildSingleExecutable({
  script: join(command, 'gangway.cjs'),
  output,
  node: values.node,
  // Comes with electron-builder, which signs Windows programs with it.
  postject: join(import.meta.dirname, '../../node_modules/postject/dist/cli.js'),
});
await cp(join(values.out, 'shim/gangway-shim.cjs'), join(dirname(output), 'gangway-shim.cjs'));
const shim = system === 'win' ? 'gangway-shim.exe' : 'gangway-shim';
await rm(join(dirname(output), shim), { force: true });
await cp(join(values.out, 'shim', `${process.platform}-${values.arch}`, shim), join(dirname(output), shim));
const program = await realpath(values.node);
for (const folder of [dirname(program), dirname(dirname(program))]) {
  const license = join(folder, 'LICENSE');
  if (existsSync(license)) await cp(license, join(command, 'licenses/node.txt'));
}
await rm(join(command, 'panel'), { recursive: true, force: true });
await cp(join(values.out, 'renderer'), join(command, 'panel'), { recursive: true });
process.stdout.write(`${output}\n`);
