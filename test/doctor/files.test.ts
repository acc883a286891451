import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startServe } from '../cli/processes.ts';
import { excuse } from '../invariants/broken.ts';
import { alike, emptyHome, saidOf } from './a-home.ts';

excuse('INV-5', /damaged: .*accounts\.json$/, 'The files it looks at are damaged here.');

// Each test starts several processes.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let homes: Awaited<ReturnType<typeof alike>>;
beforeAll(async () => {
  homes = await alike();
});
afterAll(() => homes?.[Symbol.asyncDispose]());

test('a healthy home has nothing the matter, whether Gangway runs or not', async () => {
  const home = await homes.copy();
  const idle = await home.doctorApart();
  expect(idle).toMatchObject({ code: 0, troubles: [] });
  expect(saidOf(idle, 'socket')).toContain('did not run');
  await using _serve = await startServe(home.options);
  const running = await home.doctorApart();
  expect(running).toMatchObject({ code: 0, troubles: [] });
  expect(saidOf(running, 'socket')).toContain('Gangway runs');
  expect(saidOf(running, 'account')).toContain('Acme works');
  const ids = (one: typeof idle): string[] => one.report.checks.map(({ id }) => id);
  expect(ids(running)).toEqual(ids(idle));
});

test('somebody who never started Gangway is told to add an account, and nothing else', async () => {
  const home = await emptyHome();
  expect(await home.doctorApart()).toMatchObject({ code: 0, troubles: ['notice no-account null'] });
});

test('FS-09 a data folder open to others is named with its mode, though the start closes it', async () => {
  const home = await homes.copy();
  await chmod(home.paths.home, 0o755);
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 0, troubles: [`notice folder-open ${home.paths.home}`] });
  expect(saidOf(found, 'folder-open')).toContain('mode 0755). Gangway has just closed it');
  expect((await home.doctor()).troubles).toEqual([]);
});

test('FS-09 a data folder opened while Gangway runs is not said to be closed', async () => {
  const home = await homes.copy();
  await using _serve = await startServe(home.options);
  await chmod(home.paths.home, 0o750);
  const found = await home.doctor();
  expect(found.troubles).toEqual([`notice folder-open ${home.paths.home}`]);
  expect(saidOf(found, 'folder-open')).toContain(`chmod 700 ${home.paths.home}`);
});

test('FS-03 a data folder that forbids writing', async () => {
  const home = await homes.copy();
  await chmod(home.paths.home, 0o500);
  const found = await home.doctor();
  await chmod(home.paths.home, 0o700);
  expect(found).toMatchObject({ code: 3, troubles: [`bad folder-read-only ${home.paths.home}`] });
});

test('FS-02 a file where the data folder should be', async () => {
  const home = await emptyHome();
  await writeFile(home.paths.home, 'not a folder');
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 3, troubles: [`bad folder-unusable ${home.paths.home}`] });
  expect(found.report.checks).toContainEqual(expect.objectContaining({ id: 'bridge', state: 'skipped' }));
});

test('a file of a newer Gangway is named, although this one cannot start, and stays as it is', async () => {
  const home = await homes.copy();
  const newer = '{"version":99,"of":"a newer Gangway"}';
  await writeFile(home.paths.settings, newer);
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 3, troubles: [`bad file-newer ${home.paths.settings}`] });
  expect(saidOf(found, 'file-newer')).toContain('Update Gangway');
  expect(await readFile(home.paths.settings, 'utf8')).toBe(newer);
});

test('FS-01 a damaged file that was set aside is named until somebody deletes it', async () => {
  const home = await homes.copy();
  await writeFile(home.paths.clients, '{"version": 1, "clients": [');
  const found = await home.doctor();
  const [trouble = ''] = found.troubles;
  expect(found.troubles).toHaveLength(1);
  expect(trouble).toContain(`notice file-set-aside ${home.paths.clients}.corrupt-`);
  const aside = trouble.replace('notice file-set-aside ', '');
  expect(await readFile(aside, 'utf8')).toBe('{"version": 1, "clients": [');
  expect((await home.doctor()).troubles).toEqual([trouble]);
  await rm(aside);
  expect((await home.doctor()).troubles).toEqual([]);
});

test('a file that is damaged while Gangway runs is named before the next start sets it aside', async () => {
  const home = await homes.copy();
  await using _serve = await startServe(home.options);
  await writeFile(home.paths.accounts, 'gone wrong');
  expect(await home.doctor()).toMatchObject({
    code: 3,
    troubles: [`bad file-damaged ${home.paths.accounts}`],
  });
  expect(await readFile(home.paths.accounts, 'utf8')).toBe('gone wrong');
});

test('FS-02 a folder in place of a file of ours', async () => {
  const home = await homes.copy();
  await rm(home.paths.settings);
  await mkdir(home.paths.settings);
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 3, troubles: [`bad file-not-plain ${home.paths.settings}`] });
  expect(saidOf(found, 'file-not-plain')).toContain('a folder in place of the file');
});

test('FS-03 a file of ours that cannot be read', async () => {
  const home = await homes.copy();
  await chmod(home.paths.accounts, 0o200);
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 3, troubles: [`bad file-unreadable ${home.paths.accounts}`] });
  expect(saidOf(found, 'file-unreadable')).toContain(`chmod 600 ${home.paths.accounts}`);
});

test('FS-09 a file of ours that others may open', async () => {
  const home = await homes.copy();
  await chmod(home.paths.accounts, 0o644);
  expect((await home.doctor()).troubles).toEqual([`notice file-open ${home.paths.accounts}`]);
});

test('looking makes no file and no folder but those of every start', async () => {
  const home = await homes.copy();
  await rm(home.paths.logs, { recursive: true });
  await writeFile(home.paths.socket, 'foreign');
  await home.doctor();
  expect(existsSync(home.paths.logs)).toBe(false);
});
