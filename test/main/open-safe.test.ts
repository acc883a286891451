import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { addressToOpen, openBundle, openOwnPage, openSafe, openSignIn } from '#main/open-safe.ts';
import { temporaryHome } from '../canary/home.ts';
import { newDesktop } from '../electron/desktop.ts';
import { clicked } from '../invariants/openers.ts';
import { account, aSignIn, aSnapshot, NOON } from './a-tray.ts';

// What a click leads to is called here without one.
beforeEach(clicked);

const page = 'https://login.example/authorize?state=x';

describe('an address that leaves for the browser', () => {
  test.each([
    [page, 'login.example'],
    ['https://login.example:8443/a', 'login.example:8443'],
    ['http://127.0.0.1:3000/authorize', '127.0.0.1:3000'],
    ['http://localhost:3000/authorize', 'localhost:3000'],
    ['http://[::1]:3000/authorize', '[::1]:3000'],
  ])('%s opens when %s was confirmed', (url, host) => {
    expect(addressToOpen(url, 'sign-in', host)).toBe(url);
  });

  test.each([
    ['another host', page, 'other.example'],
    ['a host that only begins alike', 'https://login.example.evil.example/', 'login.example'],
    ['another port', 'https://login.example:444/', 'login.example'],
    ['a name before the host', 'https://login.example@evil.example/', 'evil.example'],
    ['a password before the host', 'https://a:b@login.example/', 'login.example'],
    ['http beyond this computer', 'http://login.example/', 'login.example'],
    ['a host named like this computer', 'http://localhost.evil.example/', 'localhost.evil.example'],
    ['javascript', 'javascript:alert(1)', ''],
    ['a file', 'file:///etc/passwd', ''],
    ['a program', 'ms-msdt:/id', ''],
    ['our own scheme', 'gangway://add', 'add'],
    ['our own page', 'app://bundle/index.html', 'bundle'],
    ['data', 'data:text/html,x', ''],
    ['a share', '\\\\evil.example\\share', ''],
    ['a line break', 'https://login.example/\n--x', 'login.example'],
    ['a blank', 'https://login.example/ --x', 'login.example'],
    ['a NUL', 'https://login.example/\0', 'login.example'],
    ['nothing', '', ''],
    ['something too long', `${page}${'x'.repeat(10_000)}`, 'login.example'],
  ])('is refused: %s', (_what, url, host) => {
    expect(addressToOpen(url, 'sign-in', host)).toBeUndefined();
  });

  test('is never http for one of our own pages', () => {
    expect(addressToOpen('http://127.0.0.1:3000/', 'page', '127.0.0.1:3000')).toBeUndefined();
  });
});

test('only an address that passed reaches the browser', async () => {
  const { shell } = newDesktop();
  expect(await openSafe(page, 'sign-in', 'login.example', silentLog)).toBe(true);
  expect(await openSafe(page, 'sign-in', 'other.example', silentLog)).toBe(false);
  expect(await openSafe('javascript:alert(1)', 'page', '', silentLog)).toBe(false);
  expect(shell.opened).toEqual([page]);
});

test('a browser that cannot be opened is no fault of the app', async () => {
  const { shell } = newDesktop();
  shell.trouble = new Error('no browser');
  expect(await openSafe(page, 'sign-in', 'login.example', silentLog)).toBe(false);
});

test('of all sign-ins the page of the one that was named opens, while it waits for it, at the host that is shown', async () => {
  const { shell } = newDesktop();
  const of = (name: string) => ({
    step: 'waiting' as const,
    link: `https://${name}.example/authorize`,
    host: `${name}.example`,
    expiresAt: NOON.toISOString(),
  });
  const acme = account('Acme');
  const signIns = [
    { ...aSignIn(acme, of('first')), id: 'sgn_00000001' },
    { ...aSignIn(acme, of('second')), id: 'sgn_00000002' },
    { ...aSignIn(acme, { step: 'discovering' }), id: 'sgn_00000003' },
    { ...aSignIn(acme, { ...of('third'), host: 'shown.example' }), id: 'sgn_00000004' },
  ];
  const snapshot = aSnapshot({ signIns });
  const opened = [];
  for (const number of [2, 3, 4, 5])
    opened.push(await openSignIn(`sgn_0000000${number}`, snapshot, silentLog));
  expect([opened, shell.opened]).toEqual([[true, false, false, false], ['https://second.example/authorize']]);
  expect(await openSignIn('sgn_00000001', undefined, silentLog)).toBe(false);
});

test('our own pages lie where the package says, and nowhere when it says nothing', async () => {
  const { shell } = newDesktop();
  expect(await openOwnPage('help', 'https://code.example/gangway', silentLog)).toBe(true);
  expect(await openOwnPage('help', undefined, silentLog)).toBe(false);
  expect(await openOwnPage('help', 'http://code.example/gangway', silentLog)).toBe(false);
  expect(shell.opened.map((url) => new URL(url).host)).toEqual(['code.example']);
});

describe('a bundle', () => {
  /** A data folder with a bundle in its place, and other files where none is opened. */
  async function someFiles() {
    const home = (await temporaryHome()).path;
    const folder = join(home, 'bundles');
    await mkdir(join(folder, 'deeper.mcpb'), { recursive: true });
    for (const name of ['bundles/a.mcpb', 'bundles/a.sh', 'bundles/deeper.mcpb/a.mcpb', 'a.mcpb']) {
      await writeFile(join(home, name), 'zip');
    }
    await symlink(join(home, 'a.mcpb'), join(folder, 'link.mcpb'));
    await symlink(folder, join(home, 'linked'));
    return { home, folder };
  }

  test('of the folder of bundles opens, however the folder is named', async () => {
    const { home, folder } = await someFiles();
    const { shell } = newDesktop();
    const paths = [join(folder, 'a.mcpb'), join(home, 'linked', 'a.mcpb')];
    for (const path of paths) expect(await openBundle(path, folder, silentLog)).toBe(true);
    expect(shell.openedPaths).toEqual(paths);
  });

  test.each([
    'a.mcpb',
    'bundles/a.sh',
    'bundles/link.mcpb',
    'bundles/deeper.mcpb',
    'bundles/deeper.mcpb/a.mcpb',
    'bundles/../a.mcpb',
    'bundles/none.mcpb',
  ])('is no other file, which is not opened: %s', async (name) => {
    const { home, folder } = await someFiles();
    const { shell } = newDesktop();
    expect(await openBundle(`${home}/${name}`, folder, silentLog)).toBe(false);
    expect(shell.openedPaths).toEqual([]);
  });

  test('that no program takes is no fault of the app', async () => {
    const { folder } = await someFiles();
    const { shell } = newDesktop();
    shell.trouble = new Error('No application knows this kind of file.');
    expect(await openBundle(join(folder, 'a.mcpb'), folder, silentLog)).toBe(false);
  });
});
