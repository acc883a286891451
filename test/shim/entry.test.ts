import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { AccountRegistry } from '#bridge/accounts/registry.ts';
import { silentLog } from '#bridge/base/log.ts';
import { pathsFor } from '#bridge/base/paths.ts';
import { type Program, programFromSource } from '#bridge/shim/start-owner.ts';
import { stdioCommand } from '#bridge/stdio-command.ts';
import { temporaryHome } from '../canary/home.ts';
import { buildNativeShim } from './native-shim.ts';
import { startWords } from './running-shim.ts';
import { initialize, startOwner } from './test-owner.ts';

/** Everything that a shell, a template or a careless program would read as something else. */
const FOLDER = `Ann's "Apps" & Tools (x86) %PATH% !x! $HOME \`id\` ^ ; 'ü' 🙂 -`;

let native: string;
beforeAll(() => {
  native = buildNativeShim();
}, 300_000);

/** An installed copy: the command line, which is not started here, and the native shim beside it. */
async function installed(folder: string): Promise<Program> {
  const name = process.platform === 'win32' ? '.exe' : '';
  await writeFile(join(folder, `gangway${name}`), '');
  await copyFile(native, join(folder, `gangway-shim${name}`));
  return [join(folder, `gangway${name}`)];
}

/** A Node in a folder of that name, and a source without a native shim. */
async function source(folder: string): Promise<Program> {
  const node = join(folder, 'node');
  await symlink(process.execPath, node);
  const [, file = ''] = programFromSource();
  await mkdir(join(folder, 'bridge/cli'), { recursive: true });
  const main = join(folder, 'bridge/cli/main.ts');
  await symlink(file, main);
  return [node, main];
}

test.each<[string, (folder: string) => Promise<Program>, number]>([
  ['the native shim', installed, 1],
  ['a Node and its source', source, 3],
])(
  'CF-40 an entry that starts %s in a folder with any name works as it is written',
  async (_, lay, words) => {
    const folder = join((await temporaryHome()).path, FOLDER);
    await mkdir(folder);
    const program = await lay(folder);
    const paths = pathsFor(join(folder, 'data'), {});
    const owner = await startOwner(paths);
    const registry = await AccountRegistry.open(paths.accounts, silentLog);
    const entry = stdioCommand('current', paths, registry, program, 'cursor');
    expect(entry.args.slice(words - 1)).toEqual(['--client', 'cursor', '--home', paths.home]);
    // Through the client's file, which is JSON.
    const { command, args } = JSON.parse(JSON.stringify(entry)) as typeof entry;
    expect(command.startsWith(folder)).toBe(true);
    const shim = startWords([command, ...args]);
    shim.say(initialize);
    expect(await shim.next()).toMatchObject({ id: 0, result: {} });
    expect(owner.sessions.only.caller).toMatchObject({ label: 'cursor' });
    shim.child.stdin?.end();
    expect(await shim.exit).toBe(0);
    expect(shim.stderr()).toBe('');
  },
);
