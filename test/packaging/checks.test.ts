import { chmod, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checks } from '#main/packaging/checks.ts';
import { openApp } from '#main/packaging/installed-app.ts';
import { type AppParts, COMMAND, fuses, makeApp, natives } from './an-app.ts';
import { linuxHeader, macHeader } from './program-headers.ts';
import { runProgram } from './programs.ts';
import { scratchFolder } from './scratch.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const NATIVE = natives.linux;

/** Troubles by check, of an app with these parts to which something was done. */
async function troublesOf(
  parts: AppParts,
  spoil: (app: string) => Promise<unknown> = async () => undefined,
): Promise<Record<string, string[]>> {
  await using folder = await scratchFolder();
  const path = await makeApp(folder.path, parts);
  await spoil(path);
  const app = await openApp(path);
  const found = await Promise.all(
    checks.map(async ({ name, troubles }) => [name, await troubles(app)] as const),
  );
  return Object.fromEntries(found.filter(([, troubles]) => troubles.length > 0));
}

describe('the check of an unpacked app', () => {
  test.each(['linux', 'mac', 'win'] as const)(
    'finds nothing wrong with a good one for %s',
    async (system) => {
      expect(await troublesOf({ system })).toEqual({});
    },
  );

  const wrongParts: [what: string, parts: AppParts, check: string, trouble: string][] = [
    ['a fuse', { fuses: fuses('110011001') }, 'fuses', 'RunAsNode is on, not off'],
    ...[
      'out/main/index.js.map',
      'out/main/index.ts',
      'out/main/links.test.js',
      'out/command/gangway.cjs',
      'test/canary/canary.ts',
      'node_modules/zod/index.js',
      'node_modules/@napi-rs/keyring/README.md',
      'out/renderer/.env',
      '.npmrc',
    ].map((path): [string, AppParts, string, string] => [
      path,
      { archived: { [path]: 'x' } },
      'archive',
      `${path} does not belong into the archive`,
    ]),
    [
      'no main program',
      { archived: { 'out/main/index.js': null } },
      'archive',
      'out/main/index.js is missing',
    ],
    [
      'no native code',
      { archived: { [NATIVE]: null } },
      'archive',
      'the native code of the keychain is missing',
    ],
    [
      'native code in the archive',
      { unpack: 'nothing' },
      'archive',
      `${NATIVE} is inside the archive, where it cannot be loaded`,
    ],
    ...(
      [
        ['a private key', `-----BEGIN PRIVATE KEY-----\n${'A'.repeat(64)}`],
        ['a token of GitHub', `ghp_${'a1'.repeat(18)}`],
        ['a token of npm', `npm_${'a1'.repeat(18)}`],
        ['a key of Amazon', `AKIA${'Z'.repeat(16)}`],
        ['a key of Google', `AIza${'x'.repeat(35)}`],
        ['a token of Slack', `xoxb-${'1'.repeat(20)}`],
        ['a key of a model', `sk-${'a'.repeat(40)}`],
        ['a signed token', `eyJ${'a'.repeat(20)}.eyJ${'b'.repeat(20)}.${'c'.repeat(30)}`],
        ['a password in an address', 'https://somebody:hunter22@example.com/'],
        ['a source map', '//# sourceMappingURL=index.js.map'],
      ] as const
    ).map(([name, text]): [string, AppParts, string, string] => [
      name,
      { archived: { 'out/main/index.js': `const x = "${text}";` } },
      'secrets',
      `out/main/index.js holds ${name}`,
    ]),
    [
      'a secret beside the archive',
      { beside: { 'app-update.yml': `token: ghp_${'a1'.repeat(18)}` } },
      'secrets',
      'app-update.yml holds a token of GitHub',
    ],
    [
      'the folder of the build',
      { archived: { 'out/main/index.js': `open("${REPOSITORY}/x")` } },
      'secrets',
      'out/main/index.js names the folder of the build',
    ],
    [
      'an app of Electron itself',
      { beside: { 'default_app.asar': 'x' } },
      'resources',
      'default_app.asar does not belong beside the archive',
    ],
    [
      'a map of the panel',
      { beside: { 'panel/a.js.map': '{}' } },
      'resources',
      'panel/a.js.map does not belong into a package',
    ],
    ['no panel', { beside: { 'panel/index.html': null } }, 'resources', 'panel/index.html is missing'],
    [
      'no place for updates',
      { beside: { 'app-update.yml': null } },
      'resources',
      'app-update.yml is missing',
    ],
    ['no license', { beside: { 'licenses/node.txt': null } }, 'resources', 'licenses/node.txt is missing'],
    [
      'no shim for bundles',
      { beside: { 'bin/gangway-shim.cjs': null } },
      'command',
      'gangway-shim.cjs is missing',
    ],
    ['no shim', { beside: { 'bin/gangway-shim': null } }, 'command', 'gangway-shim is missing'],
    [
      'a Node in the place of the shim',
      { beside: { 'bin/gangway-shim': Buffer.concat([linuxHeader('x64'), Buffer.from(COMMAND)]) } },
      'command',
      'gangway-shim is no native program',
    ],
    ['no icons', { beside: { 'icons/app/512x512.png': null } }, 'resources', 'the icons are missing'],
  ];
  test.each(wrongParts)('finds %s', async (_, parts, check, trouble) => {
    expect((await troublesOf(parts))[check]).toEqual([trouble]);
  });

  test.each([
    [
      'a changed file',
      (app: string) => change(join(app, 'resources/app.asar')),
      'out/main/index.js is not what the archive says',
    ],
    [
      'changed native code',
      (app: string) => writeFile(join(app, 'resources/app.asar.unpacked', NATIVE), 'other code'),
      `${NATIVE} is not what the archive says`,
    ],
    [
      'native code that is gone',
      (app: string) => rm(join(app, 'resources/app.asar.unpacked', NATIVE)),
      `${NATIVE} is missing`,
    ],
    [
      'a file that the archive does not know',
      (app: string) => writeFile(join(app, 'resources/app.asar.unpacked/node_modules/more.node'), ''),
      'app.asar.unpacked/node_modules/more.node is not of the archive',
    ],
  ])('finds %s', async (_, spoil, trouble) => {
    expect((await troublesOf({}, spoil)).content).toEqual([trouble]);
  });

  test.each([
    ['mac', 'Contents/Info.plist', 'Contents/Resources/app.asar'],
    ['win', 'Gangway.exe', 'resources/app.asar'],
  ] as const)('on %s finds an archive whose hash the app does not know', async (system, knows, archive) => {
    const other = await troublesOf({ system }, (app) => addToList(join(app, archive)));
    expect(other.integrity).toEqual(['the app knows another hash of its archive']);
    const none = await troublesOf({ system }, async (app) => {
      const text = await readFile(join(app, knows), 'latin1');
      await writeFile(join(app, knows), text.replace(/[0-9a-f]{64}/, ''), 'latin1');
    });
    expect(none).toEqual({ integrity: ['the app does not know the hash of its archive'] });
  });

  test.each([
    ['missing', (path: string) => rm(path), 'gangway is missing'],
    [
      'plain Node',
      (path: string) => writeFile(path, 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:0'),
      'gangway is no single executable',
    ],
  ])('finds that the command is %s', async (_, spoil, trouble) => {
    const found = await troublesOf({}, (app) => spoil(join(app, 'resources/bin/gangway')));
    expect(found.command).toEqual([trouble]);
  });

  const arm64 = natives.mac.replaceAll('x64', 'arm64');
  test('takes an app for two kinds of processor when all of it is for both', async () => {
    const parts: AppParts = {
      system: 'mac',
      processors: ['x64', 'arm64'],
      archived: { [arm64]: macHeader('arm64') },
    };
    expect(await troublesOf(parts)).toEqual({});
  });

  test.each<[what: string, parts: AppParts, trouble: string]>([
    [
      'a command',
      { commandProcessors: ['x64'], archived: { [arm64]: macHeader('arm64') } },
      'gangway is not for arm64',
    ],
    [
      'a shim',
      { shimProcessors: ['x64'], archived: { [arm64]: macHeader('arm64') } },
      'gangway-shim is not for arm64',
    ],
    ['a keychain', {}, 'there is no code of the keychain for arm64'],
    [
      'a keychain by its name',
      { archived: { [arm64]: macHeader('x64') } },
      'there is no code of the keychain for arm64',
    ],
  ])('finds %s that is for one kind of processor only', async (_, parts, trouble) => {
    const found = await troublesOf({ system: 'mac', processors: ['x64', 'arm64'], ...parts });
    expect(found).toEqual({ processors: [trouble] });
  });

  test('finds the code of the keychain for another system', async () => {
    const found = await troublesOf({ archived: { [natives.linux]: null, [natives.mac]: macHeader('x64') } });
    expect(found).toEqual({ processors: ['there is no code of the keychain for x64'] });
  });

  test('finds that Electron itself is for no processor it knows', async () => {
    const found = await troublesOf({ system: 'mac', processors: [] });
    expect(found).toEqual({ processors: ['Electron is for no processor that is known here'] });
  });

  test.runIf(process.platform !== 'win32').each([
    [
      'writable by all',
      (app: string) => chmod(join(app, 'resources/app-update.yml'), 0o666),
      'resources/app-update.yml can be changed by everybody',
    ],
    [
      'a folder writable by all',
      (app: string) => chmod(join(app, 'resources/panel'), 0o777),
      'resources/panel can be changed by everybody',
    ],
    [
      'set-user-id',
      (app: string) => chmod(join(app, 'resources/bin/gangway'), 0o4755),
      'resources/bin/gangway runs as somebody else',
    ],
    [
      'an app nobody can run',
      (app: string) => chmod(join(app, 'gangway-desktop'), 0o644),
      'gangway-desktop cannot be run by everybody',
    ],
    [
      'a command only its owner can run',
      (app: string) => chmod(join(app, 'resources/bin/gangway'), 0o744),
      'resources/bin/gangway cannot be run by everybody',
    ],
    [
      'a shim only its owner can run',
      (app: string) => chmod(join(app, 'resources/bin/gangway-shim'), 0o744),
      'resources/bin/gangway-shim cannot be run by everybody',
    ],
    [
      'a link out of the app',
      (app: string) => symlink('/etc', join(app, 'locales')),
      'locales leads out of the app',
    ],
    [
      'a link to nothing',
      (app: string) => symlink('nowhere', join(app, 'locales')),
      'locales leads out of the app',
    ],
  ])('finds %s', async (_, spoil, trouble) => {
    expect(await troublesOf({}, spoil)).toEqual({ modes: [trouble] });
  });

  test('lets links inside the app be', async () => {
    const link = (app: string): Promise<void> => symlink('resources', join(app, 'locales'));
    expect(await troublesOf({}, link)).toEqual({});
  });
});

describe('check-artifact', () => {
  const check = (path: string): Promise<{ code: number | null; stdout: string }> =>
    runProgram(process.execPath, [join(REPOSITORY, 'main/packaging/check-artifact.ts'), path]);

  test('prints a line for each check and says by its exit code how it went', async () => {
    await using folder = await scratchFolder();
    const app = await makeApp(folder.path);
    const good = await check(app);
    expect(good.stdout.trim().split('\n')).toEqual(checks.map(({ name }) => `ok   ${name}`));
    expect(good.code).toBe(0);
    await rm(join(app, 'resources/bin/gangway'));
    const bad = await check(app);
    expect(bad.stdout).toContain('BAD  command: gangway is missing\n');
    expect(bad.code).toBe(1);
  });

  test('finds the app in the folder that electron-builder makes for macOS', async () => {
    await using folder = await scratchFolder();
    const app = await makeApp(folder.path, { system: 'mac' });
    const above = join(folder.path, 'mac-universal');
    await mkdir(above);
    await rename(app, join(above, 'Gangway.app'));
    expect((await check(above)).code).toBe(0);
  });

  test('says that there is no app', async () => {
    await using folder = await scratchFolder();
    expect(await check(folder.path)).toMatchObject({
      code: 1,
      stdout: 'BAD  app: There is no app here: gangway-desktop is missing.\n',
    });
  });
});

/** Another content of the same length, in the archive itself. */
async function change(archive: string): Promise<void> {
  const text = await readFile(archive, 'latin1');
  await writeFile(archive, text.replace('start();', 'steal();'), 'latin1');
}

/** A list of files that says something else, of the same length. */
async function addToList(archive: string): Promise<void> {
  const text = await readFile(archive, 'latin1');
  await writeFile(archive, text.replace('"index.cjs"', '"iNdex.cjs"'), 'latin1');
}
