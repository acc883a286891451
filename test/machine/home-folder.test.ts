import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { privateFolder } from '#bridge/base/json-file.ts';
import { pathsFor } from '#bridge/base/paths.ts';
import { startOwner } from '#bridge/shim/start-owner.ts';
import { temporaryHome } from '../canary/home.ts';
import { MAIN } from '../cli/processes.ts';

/** Runs `gangway` with nothing but this in its environment. */
function run(words: readonly string[], env: NodeJS.ProcessEnv, uid?: number) {
  return spawnSync(process.execPath, [MAIN, ...words], {
    env: { PATH: process.env.PATH, GANGWAY_VAULT: 'memory', ...env },
    ...(uid === undefined ? {} : { uid, gid: uid }),
    input: '{"jsonrpc":"2.0","id":1,"method":"ping"}\n',
    encoding: 'utf8',
    timeout: 20_000,
  });
}

describe('FS-11: the home folder', () => {
  test('is the one the system knows of this user when HOME is not set', () => {
    const before = process.env.HOME;
    delete process.env.HOME;
    onTestFinished(() => {
      if (before !== undefined) process.env.HOME = before;
    });
    expect(homedir()).toBe(userInfo().homedir);
    expect(pathsFor(undefined, {}).home.startsWith(userInfo().homedir)).toBe(true);
  });

  test('that is not there is made, with everything above the data folder', async () => {
    await using folder = await temporaryHome();
    const home = join(folder.path, 'gone', 'person', '.local', 'share', 'gangway');
    await privateFolder(home);
    expect(statSync(home).mode & 0o777).toBe(0o700);
  });

  test.each([
    ['below a file', (folder: string) => join(folder, 'file', 'gangway')],
    ['below a link that leads nowhere', (folder: string) => join(folder, 'link', 'gangway')],
    ['that is itself such a link', (folder: string) => join(folder, 'link')],
  ])('%s is refused with its path', async (_, place) => {
    await using folder = await temporaryHome();
    writeFileSync(join(folder.path, 'file'), '');
    symlinkSync(join(folder.path, 'nowhere'), join(folder.path, 'link'));
    const path = place(folder.path);
    await expect(privateFolder(path)).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringContaining(path),
    });
  });

  // Where a folder says of a new one that it does not exist, Node's own way of making folders tries for ever.
  test.runIf(process.platform === 'linux')(
    'where nothing can be made is said at once, and ends with 1',
    async () => {
      const { status, stderr, stdout } = run(['--home', '/proc/gangway/data', 'status', '--json'], {});
      expect(status).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'storage' } });
      expect(stderr).toMatch(/^gangway: The folder \/proc\/gangway\/data\/logs cannot be made\./);
      // A shim makes the folder of its logs before it starts an owner.
      const owner = await startOwner(pathsFor('/proc/gangway/data', {}), {}, [process.execPath, MAIN]);
      expect(owner).toMatchObject({ ended: false });
      // There is no place for its data, so it ends by itself.
      await expect.poll(() => owner?.ended).toBe(true);
    },
  );

  // A user that the system does not list, as containers have it; only root may become one.
  const unlisted = 54_321;
  test.runIf(process.getuid?.() === 0)('of a user without any is asked for in words, and ends with 1', () => {
    const said = 'This user has no home folder, so there is no place for the data of Gangway.';
    const command = run(['status'], {}, unlisted);
    expect(command).toMatchObject({ status: 1, stdout: '' });
    expect(command.stderr).toBe(`gangway: ${said} Name one with --home or in GANGWAY_HOME.\n`);
    const shim = run(['stdio'], {}, unlisted);
    expect(shim).toMatchObject({ status: 1, stdout: '' });
    expect(shim.stderr.split('\n')).toEqual([expect.stringContaining(said), '']);
  });

  test('that a file stands in the way of is refused, and one that is open to others is closed', async () => {
    await using folder = await temporaryHome();
    const path = join(folder.path, 'file');
    writeFileSync(path, 'theirs');
    await expect(privateFolder(path)).rejects.toMatchObject({
      code: 'storage',
      message: `${path} is not a folder.`,
    });
    rmSync(path);
    mkdirSync(path, { mode: 0o755 });
    await privateFolder(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });
});
