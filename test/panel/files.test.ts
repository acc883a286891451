import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { contentPolicy, readWindowFiles } from '#bridge/panel/files.ts';
import { temporaryHome } from '../canary/home.ts';

/** A folder with these files, each holding its own name. */
async function folderOf(...names: string[]): Promise<string> {
  const { path } = await temporaryHome();
  for (const name of names) {
    await mkdir(join(path, name, '..'), { recursive: true });
    await writeFile(join(path, name), name);
  }
  return path;
}

test('every file of the window has its path and its type', async () => {
  const folder = await folderOf(
    'index.html',
    'icon.svg',
    'assets/index-C3p0_x.js',
    'assets/index.css',
    'assets/deep/a.png',
    'assets/b.woff2',
    'manifest.json',
  );
  const files = await readWindowFiles(folder);
  expect(Object.fromEntries([...files].map(([path, { type }]) => [path, type]))).toEqual({
    '/assets/b.woff2': 'font/woff2',
    '/assets/deep/a.png': 'image/png',
    '/assets/index-C3p0_x.js': 'text/javascript; charset=utf-8',
    '/assets/index.css': 'text/css; charset=utf-8',
    '/icon.svg': 'image/svg+xml',
    '/index.html': 'text/html; charset=utf-8',
    '/manifest.json': 'application/json',
  });
  expect(Buffer.from(files.get('/assets/deep/a.png')?.bytes ?? []).toString()).toBe('assets/deep/a.png');
});

test('what changes on the disk later changes nothing', async () => {
  const folder = await folderOf('index.html');
  const files = await readWindowFiles(folder);
  await writeFile(join(folder, 'index.html'), 'other');
  await writeFile(join(folder, 'new.js'), 'new');
  expect([...files.keys()]).toEqual(['/index.html']);
  expect(Buffer.from(files.get('/index.html')?.bytes ?? []).toString()).toBe('index.html');
});

test('files of other types, hidden ones and those with odd names are no part of it', async () => {
  const odd = [
    'a.map',
    'b.ts',
    'LICENSE',
    '.hidden.js',
    '.git/config.json',
    'c d.js',
    'ü.js',
    'e%2f.js',
    'f.JS',
  ];
  expect([...(await readWindowFiles(await folderOf('index.html', ...odd))).keys()]).toEqual(['/index.html']);
});

test.each(['file', 'folder'])('a link to another %s is refused', async (kind) => {
  const elsewhere = await folderOf('secret.json');
  const folder = await folderOf('index.html', 'assets/a.js');
  const target = kind === 'file' ? join(elsewhere, 'secret.json') : elsewhere;
  await symlink(target, join(folder, 'assets', kind === 'file' ? 'b.json' : 'more'));
  await expect(readWindowFiles(folder)).rejects.toMatchObject({ code: 'storage' });
});

test('a file that is too large, and too many of them, are refused', async () => {
  const large = await folderOf('index.html', 'a.js');
  await truncate(join(large, 'a.js'), limits.windowFileBytes + 1);
  await expect(readWindowFiles(large)).rejects.toMatchObject({ code: 'storage' });
  const many = await folderOf(
    'index.html',
    ...Array.from({ length: limits.windowFiles }, (_, at) => `${at}.js`),
  );
  await expect(readWindowFiles(many)).rejects.toMatchObject({ code: 'storage' });
});

test.each(['missing', 'empty'])('a folder that is %s says how to build the window', async (how) => {
  const folder = await folderOf();
  const place = how === 'missing' ? join(folder, 'out') : folder;
  await expect(readWindowFiles(place)).rejects.toMatchObject({
    code: 'storage',
    message: expect.stringContaining('npm run build'),
  });
});

test.each(["'self'", "'none'"] as const)(
  'the policy allows what comes with the window, and connections to %s',
  (to) => {
    expect(contentPolicy(to)).toBe(
      `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src ${to}; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'`,
    );
  },
);
