import { execFile } from 'node:child_process';
import { createHash, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import { signFolder } from '#main/sign-update.ts';
import { type CurrentBuild, isSignedFile, manifestName, verifyManifest } from '#main/update-manifest.ts';
import { temporaryHome } from '../canary/home.ts';
import { now, someMakers } from './update-makers.ts';

const makers = someMakers();
const key = createPrivateKey(makers.pem);
let folder: string;

const hash = (content: string): string => createHash('sha512').update(content).digest('base64');

/** A package, and its lines as electron-builder writes them. */
async function packaged(name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content);
  return `  - url: ${name}\n    sha512: ${hash(content)}\n    size: ${content.length}\n    blockMapSize: 7\n`;
}

async function listed(yml: string, version: string, ...files: string[]): Promise<void> {
  const rest = `path: ${files[0]?.slice(9).split('\n')[0]}\nreleaseDate: '2027-02-28T09:00:00.000Z'\n`;
  await writeFile(join(folder, yml), `version: ${version}\nfiles:\n${files.join('')}${rest}`);
}

beforeEach(async () => {
  folder = (await temporaryHome()).path;
});

/** What a copy of the app makes of what lies in the folder. */
async function judged(current: Omit<CurrentBuild, 'version' | 'channel'>, names: readonly string[]) {
  const build = { version: '0.1.0', channel: 'latest', ...current };
  const path = join(folder, manifestName(build));
  const files = await Promise.all(
    names.map(async (url) => {
      const content = await readFile(join(folder, url), 'utf8');
      return { url, sha512: hash(content), size: content.length };
    }),
  );
  return verifyManifest({
    text: await readFile(path, 'utf8'),
    signature: await readFile(`${path}.sig`, 'utf8'),
    publicKey: makers.publicKey,
    current: build,
    offered: { version: '0.2.0', files },
    now,
  });
}

describe('what the release signs', () => {
  test('the app takes, on every system', async () => {
    await listed(
      'latest.yml',
      '0.2.0',
      await packaged('g-win-x64.exe', 'one'),
      await packaged('g-win-arm64.exe', 'two'),
    );
    await listed('latest-mac.yml', '0.2.0', await packaged('g-mac-universal.zip', 'three'));
    await listed('latest-linux.yml', '0.2.0', await packaged('g-linux-x64.AppImage', 'four'));
    await listed('latest-linux-arm64.yml', '0.2.0', await packaged('g-linux-arm64.AppImage', 'five'));
    await writeFile(join(folder, 'builder-debug.yml'), 'x64: {}\n');
    expect(await signFolder(folder, key, now)).toEqual([
      'latest-linux-arm64.json',
      'latest-linux.json',
      'latest-mac.json',
      'latest.json',
    ]);
    const windows = ['g-win-x64.exe', 'g-win-arm64.exe'];
    const verdicts = await Promise.all([
      judged({ platform: 'win32', arch: 'x64' }, windows),
      judged({ platform: 'win32', arch: 'arm64' }, windows),
      judged({ platform: 'darwin', arch: 'arm64' }, ['g-mac-universal.zip']),
      judged({ platform: 'linux', arch: 'x64' }, ['g-linux-x64.AppImage']),
      judged({ platform: 'linux', arch: 'arm64' }, ['g-linux-arm64.AppImage']),
    ]);
    expect(verdicts.map(({ kind }) => kind)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
  });

  test('is the packages byte for byte', async () => {
    await listed('latest-linux.yml', '0.2.0', await packaged('g.AppImage', 'four'));
    await signFolder(folder, key, now);
    const verdict = await judged({ platform: 'linux', arch: 'x64' }, ['g.AppImage']);
    if (verdict.kind !== 'ok') throw new Error(verdict.because);
    const { signal } = new AbortController();
    expect(await isSignedFile(join(folder, 'g.AppImage'), verdict.manifest, signal)).toBe(true);
    await writeFile(join(folder, 'g.AppImage'), 'fore');
    expect(await isSignedFile(join(folder, 'g.AppImage'), verdict.manifest, signal)).toBe(false);
    expect((await judged({ platform: 'linux', arch: 'x64' }, ['g.AppImage'])).kind).toBe('refused');
  });

  test('is signed by the workflow with the key from stdin, and nowhere else is the key', async () => {
    await listed('latest-linux.yml', '0.2.0', await packaged('g.AppImage', 'four'));
    const script = fileURLToPath(new URL('../../main/sign-update.ts', import.meta.url));
    const child = execFile(process.execPath, [script, folder]);
    child.stdin?.end(makers.pem);
    const [out, complaint] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
    expect([out, complaint]).toEqual(['Signed: latest-linux.json\n', '']);
    // By the clock of this computer, not by the one of these tests.
    const manifest: { version: string } = JSON.parse(
      await readFile(join(folder, 'latest-linux.json'), 'utf8'),
    );
    expect(manifest.version).toBe('0.2.0');
  });
});

describe('nothing is signed', () => {
  test('that is not the file of the list', async () => {
    await listed('latest.yml', '0.2.0', await packaged('g.exe', 'one'));
    await writeFile(join(folder, 'g.exe'), 'another');
    await expect(signFolder(folder, key, now)).rejects.toThrow('g.exe is not the file');
  });

  test('that is not there', async () => {
    await listed('latest.yml', '0.2.0', `  - url: g.exe\n    sha512: ${hash('')}\n`);
    await expect(signFolder(folder, key, now)).rejects.toThrow('ENOENT');
  });

  test.each([
    ['../g.exe', '0.2.0'],
    ["'g.exe'", '0.2.0'],
    ['g.exe', 'v0.2.0'],
    ['g.exe', '0.1'],
  ])('under a name or version that the app would refuse: %s, %s', async (name, version) => {
    await packaged('g.exe', 'one');
    await listed('latest.yml', version, `  - url: ${name}\n    sha512: ${hash('one')}\n`);
    await expect(signFolder(folder, key, now)).rejects.toThrow();
    await expect(readFile(join(folder, 'latest.json'))).rejects.toThrow('ENOENT');
  });

  test('of a list that cannot be read whole', async () => {
    const good = await packaged('g.exe', 'one');
    await listed('latest.yml', '0.2.0', good, '  - path: other.exe\n');
    await expect(signFolder(folder, key, now)).rejects.toThrow('cannot be read');
  });

  test('in an empty folder', async () => {
    await expect(signFolder(folder, key, now)).rejects.toThrow('nothing to sign');
  });

  test('with a key of another kind', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await expect(signFolder(folder, privateKey, now)).rejects.toThrow('no ed25519 key');
  });
});
