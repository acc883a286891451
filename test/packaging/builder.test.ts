import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checks } from '#main/packaging/checks.ts';
import { openApp } from '#main/packaging/installed-app.ts';
import { makeProject, runBuilder } from './a-project.ts';
import { placeholderForLinux, placeholderForMac } from './placeholder-electron.ts';
import type { Ended } from './programs.ts';
import { scratchFolder } from './scratch.ts';

/** What electron-builder asked fpm for. */
interface Recorded {
  readonly words: readonly string[];
  readonly desktop: string;
}

describe.runIf(process.platform === 'linux')('electron-builder with our configuration, offline', () => {
  let folder: AsyncDisposable & { readonly path: string };
  let project: string;
  let linux: Ended;
  let mac: Ended;

  beforeAll(async () => {
    folder = await scratchFolder();
    project = join(folder.path, 'project');
    await makeProject(project);
    await placeholderForLinux(join(folder.path, 'linux'));
    await placeholderForMac(join(folder.path, 'mac'));
    [linux, mac] = await Promise.all([
      runBuilder(project, {
        name: 'linux',
        words: ['--linux', 'deb', '-c.extraMetadata.homepage=https://gangway.invalid'],
        electron: join(folder.path, 'linux'),
        environment: {
          CUSTOM_FPM_PATH: join(import.meta.dirname, 'recording-fpm.mjs'),
          RECORDED_FPM: join(folder.path, 'fpm.json'),
        },
      }),
      runBuilder(project, { name: 'mac', words: ['--mac', 'dir'], electron: join(folder.path, 'mac') }),
    ]);
  }, 60_000);
  afterAll(() => folder[Symbol.asyncDispose]());

  const troublesOf = async (path: string): Promise<Record<string, string[]>> => {
    const app = await openApp(join(project, 'dist', path));
    const found = await Promise.all(
      checks.map(async ({ name, troubles }) => [name, await troubles(app)] as const),
    );
    return Object.fromEntries(found.filter(([, troubles]) => troubles.length > 0));
  };

  test('makes an app for Linux that passes the check of artefacts', async () => {
    expect(linux).toMatchObject({ code: 0 });
    expect(await troublesOf('linux/linux-unpacked')).toEqual({});
  });

  test('switches off what the check says, by the word of the tool of Electron itself', async () => {
    const wire = await getCurrentFuseWire(join(project, 'dist/linux/linux-unpacked/gangway-desktop'));
    const states = Object.values(wire).filter((state) => typeof state === 'number');
    expect(String.fromCharCode(...states)).toBe('010011001');
    expect(wire[FuseV1Options.RunAsNode]).toBe(FuseState.DISABLE);
  });

  test('makes an app for macOS that passes it', async () => {
    expect(mac).toMatchObject({ code: 0 });
    // Only a package that can be updated has it, and a folder cannot.
    expect(await troublesOf('mac/mac')).toEqual({ resources: ['app-update.yml is missing'] });
  });

  test('warns of nothing', () => {
    const warnings = (text: string): string[] =>
      text
        .split('\n')
        .filter((line) => /is not set|is missed|default Electron icon|doesn't exist|⨯|deprecated/.test(line));
    expect([...warnings(linux.stdout + linux.stderr), ...warnings(mac.stdout + mac.stderr)]).toEqual([]);
  });

  test('leaves out the languages that the app does not speak', async () => {
    expect(await readdir(join(project, 'dist/linux/linux-unpacked/locales'))).toEqual(['en-US.pak']);
    const resources = await readdir(join(project, 'dist/mac/mac/Gangway.app/Contents/Resources'));
    expect(resources.filter((name) => name.endsWith('.lproj'))).toEqual(['en.lproj']);
  });

  test('tells Linux that the window, the links and the app belong together', async () => {
    const { desktop, words }: Recorded = JSON.parse(await readFile(join(folder.path, 'fpm.json'), 'utf8'));
    const entry = Object.fromEntries(desktop.split('\n').map((line) => line.split('=', 2)));
    expect(entry).toMatchObject({
      Name: 'Gangway',
      Exec: '/opt/Gangway/gangway-desktop %U',
      Icon: 'gangway-desktop',
      StartupWMClass: 'gangway',
      MimeType: 'x-scheme-handler/gangway;',
      Categories: 'Network;Utility;',
    });
    expect(words.filter((word) => word.includes('/usr/share/applications/'))).toEqual([
      expect.stringMatching(/=\/usr\/share\/applications\/gangway\.desktop$/),
    ]);
  });

  test('puts `gangway` where a terminal on Linux finds it', async () => {
    const { words }: Recorded = JSON.parse(await readFile(join(folder.path, 'fpm.json'), 'utf8'));
    expect(words).toContain('main/packaging/linux/gangway=/usr/bin/gangway');
    const script = await readFile(join(project, 'main/packaging/linux/gangway'), 'utf8');
    expect(script).toBe('#!/bin/sh\nexec /opt/Gangway/resources/bin/gangway "$@"\n');
    expect(words).toContain(`${join(project, 'dist/linux/linux-unpacked')}/=/opt/Gangway`);
  });

  test('tells macOS of our links and of the oldest system that Electron runs on', async () => {
    const plist = await readFile(join(project, 'dist/mac/mac/Gangway.app/Contents/Info.plist'), 'utf8');
    const after = (key: string): string | undefined =>
      new RegExp(`<key>${key}</key>\\s*(?:<array>\\s*)?<string>([^<]*)</string>`).exec(plist)?.[1];
    expect(after('CFBundleIdentifier')).toBe('app.gangway.desktop');
    expect(after('CFBundleURLSchemes')).toBe('gangway');
    expect(after('LSMinimumSystemVersion')).toBe('13.0');
    expect(after('LSApplicationCategoryType')).toBe('public.app-category.productivity');
  });

  test('writes feeds that name no account and no secret', async () => {
    const own = await readFile(join(project, 'dist/linux/linux-unpacked/resources/app-update.yml'), 'utf8');
    expect(own).toBe(
      'provider: generic\nurl: https://gangway.invalid/updates\nupdaterCacheDirName: gangway-updater\n',
    );
    expect(await readFile(join(project, 'dist/linux/latest-linux.yml'), 'utf8')).toMatch(
      /^version: \S+\nfiles:\n {2}- url: gangway-[\d.]+-linux-amd64\.deb\n/,
    );
  });

  test('leaves Chromium its sandbox in an AppImage, which cannot be made offline', async () => {
    const text = await readFile(join(project, 'electron-builder.yml'), 'utf8');
    expect(text).toMatch(/^toolsets:\n {2}appimage: 1\./m);
    expect(text).not.toContain('executableArgs');
  });

  test('refuses a word that it does not know', async () => {
    const wrong = join(folder.path, 'wrong');
    await mkdir(wrong);
    await copyFile(join(project, 'package.json'), join(wrong, 'package.json'));
    const text = await readFile(join(project, 'electron-builder.yml'), 'utf8');
    await writeFile(join(wrong, 'electron-builder.yml'), text.replace('runAsNode:', 'runAsNodes:'));
    const { code, stdout, stderr } = await runBuilder(wrong, { name: 'wrong', words: ['--linux', 'dir'] });
    expect(code).toBe(1);
    expect(stdout + stderr).toContain('configuration.electronFuses should be one of these');
  });
});
