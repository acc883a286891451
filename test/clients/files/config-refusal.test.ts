import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfigFile, removeConfigFile, writeConfigFile } from '#bridge/clients/files/config-file.ts';
import { failure } from '../../vault/expectations.ts';
import { ClientFolder } from './client-folder.ts';

const unix = process.platform !== 'win32';
const root = process.getuid?.() === 0;
const at = new ClientFolder();

describe.runIf(unix)('CF-08 what is no plain file of this user is refused', () => {
  test('a folder', async () => {
    await mkdir(at.path);
    await at.refused('is a folder, not a file');
  });

  test('a pipe, without waiting for a writer', async () => {
    execFileSync('mkfifo', [at.path]);
    await at.refused('is a pipe, not a file');
  });

  test('a socket', async () => {
    const server = createServer().listen(join(at.home, 's'));
    await once(server, 'listening');
    await rename(join(at.home, 's'), at.path);
    await at.refused('is a socket, not a file');
    server.close();
    await once(server, 'close');
  });

  test('a device behind a link', async () => {
    await symlink('/dev/null', at.path);
    expect((await failure(readConfigFile(at.path, '/'), 'storage')).message).toContain(
      'is a device, not a file',
    );
  });

  test.runIf(root)('a file of another user, also behind a link', async () => {
    await writeFile(at.path, '{}');
    await chown(at.path, 65534, 65534);
    await at.refused('belongs to another user');
    await symlink(at.path, join(at.folder, 'link.json'));
    await at.refused('belongs to another user', join(at.folder, 'link.json'));
  });

  test('a pipe that took the place of the file is neither waited for nor written over', async () => {
    await writeFile(at.path, '{}');
    const before = await at.read();
    await rm(at.path);
    execFileSync('mkfifo', [at.path]);
    await failure(writeConfigFile(before, 'ours'), 'storage');
    expect((await lstat(at.path)).isFIFO()).toBe(true);
    expect(await at.names()).toEqual(['mcp.json']);
  });
});

describe.runIf(unix)('CF-08 links', () => {
  test('a link inside the home is written through and stays', async () => {
    const real = join(at.home, 'dotfiles.json');
    await writeFile(real, '{}', { mode: 0o640 });
    await chmod(real, 0o640);
    await symlink('../dotfiles.json', at.path);
    const file = await at.read();
    expect(file).toMatchObject({ path: at.path, target: real, text: '{}' });
    await writeConfigFile(file, '{"a":1}');
    expect(await readFile(real, 'utf8')).toBe('{"a":1}');
    expect((await stat(real)).mode & 0o777).toBe(0o640);
    expect((await lstat(at.path)).isSymbolicLink()).toBe(true);
    expect(await at.names()).toEqual(['mcp.json']);
    const { message } = await failure(removeConfigFile(await at.read()), 'storage');
    expect(message).toContain('is a link, so it was not removed');
    expect(await readFile(real, 'utf8')).toBe('{"a":1}');
  });

  test.for([
    ['/etc/passwd', 'outside your home folder'],
    ['nowhere.json', 'is a link to a file that is not there'],
    ['mcp.json', 'leads in a circle'],
  ] as const)('a link to %s is refused and stays', async ([to, text]) => {
    await symlink(to, at.path);
    await at.refused(text);
    expect((await lstat(at.path)).isSymbolicLink()).toBe(true);
  });

  test('a link out of the home is refused, also to the home of a similar name', async () => {
    const outer = at.home;
    await mkdir(join(outer, 'ann-old'));
    await writeFile(join(outer, 'ann-old', 'theirs.json'), '{}');
    await at.move(join(outer, 'ann'));
    await symlink('../../ann-old/theirs.json', at.path);
    await at.refused('outside your home folder');
  });

  test('a link that leads elsewhere than before is a change', async () => {
    for (const name of ['a.json', 'b.json']) await writeFile(join(at.home, name), '{}');
    await symlink(join(at.home, 'a.json'), at.path);
    const before = await at.read();
    await rm(at.path);
    await symlink(join(at.home, 'b.json'), at.path);
    await at.conflicts(before);
    expect(await readFile(join(at.home, 'b.json'), 'utf8')).toBe('{}');
  });

  test('a linked folder is followed inside the home, and refused outside', async () => {
    const inner = join(at.home, 'inner');
    await mkdir(join(inner, 'real'), { recursive: true });
    await symlink('real', join(inner, '.config'));
    const file = await readConfigFile(join(inner, '.config', 'a.json'), inner);
    expect(file.target).toBe(join(inner, 'real', 'a.json'));
    await writeConfigFile(file, '{}');
    expect(await readdir(join(inner, 'real'))).toEqual(['a.json']);
    await symlink('../.cursor', join(inner, '.out'));
    const { message } = await failure(readConfigFile(join(inner, '.out', 'a.json'), inner), 'storage');
    expect(message).toContain('outside your home folder');
    await symlink('.loop', join(inner, '.loop'));
    const loop = await failure(readConfigFile(join(inner, '.loop', 'a.json'), inner), 'storage');
    expect(loop.message).toContain('in a circle');
  });

  test('a folder outside the home is fine when it is named without a link; so is a home that is a link', async () => {
    await mkdir(join(at.home, 'me'));
    expect(await readConfigFile(at.path, join(at.home, 'me'))).toMatchObject({ target: at.path });
    await symlink(at.home, join(at.home, 'me', 'home'));
    const linked = join(at.home, 'me', 'home');
    expect(await readConfigFile(join(linked, '.cursor', 'mcp.json'), linked)).toMatchObject({
      target: at.path,
    });
  });
});

describe.runIf(unix)('CF-09 what is read-only is left alone, before anything happens', () => {
  test('a file: it may be looked at only', async () => {
    await writeFile(at.path, '{}');
    const before = await at.read();
    await chmod(at.path, 0o400);
    await at.untouched(() => at.refused('is read-only'));
    const looked = await readConfigFile(at.path, at.home, 'look');
    expect(looked.text).toBe('{}');
    for (const file of [before, looked]) {
      await at.untouched(() => failure(writeConfigFile(file, 'ours'), 'storage'));
      await at.untouched(() => failure(removeConfigFile(file), 'storage'));
    }
  });

  test('a folder', async () => {
    await writeFile(at.path, '{}');
    await chmod(at.folder, 0o500);
    const { message } = await failure(at.read(), 'storage');
    expect(message).toBe(
      `${at.folder} is read-only, so mcp.json in it was left alone. Make the folder writable, then try again.`,
    );
    await chmod(at.folder, 0o700);
  });
});
