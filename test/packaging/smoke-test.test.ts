import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { smokeTest } from '#main/packaging/smoke-test.ts';

const command = [process.execPath, join(import.meta.dirname, '../../bridge/cli/main.ts')] as const;
const left = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith('gangway-smoke-'));

test('an app that serves the bridge and ends when it is told to passes', async () => {
  await smokeTest({ command: [...command], app: [...command, 'serve', '--no-http'] });
  expect(await left()).toEqual([]);
});

test.each([
  ['ends at once', [process.execPath, '-e', 'process.exit(3)'], 'The app ended at once, with exit code 3.'],
  ['cannot be started', [join(tmpdir(), 'no-such-app')], 'The app ended at once, with exit code null.'],
] as const)('an app that %s fails', async (_, app, message) => {
  await expect(smokeTest({ command: [...command], app: [...app] })).rejects.toThrow(message);
  expect(await left()).toEqual([]);
});

test('an app that serves nothing fails, and is ended', async () => {
  const app = [process.execPath, '-e', 'setInterval(() => {}, 1000)'] as const;
  const trying = smokeTest({ command: [...command], app: [...app], startMs: 500 });
  await expect(trying).rejects.toThrow('The app serves no bridge.');
  expect(await left()).toEqual([]);
});

test('a command of another data folder does not pass for the packaged one', async () => {
  const other = [process.execPath, '-e', 'console.log(JSON.stringify({ running: false }))'] as const;
  const trying = smokeTest({ command: [...other], app: [...command, 'serve', '--no-http'] });
  await expect(trying).rejects.toThrow('The command does not find the bridge of the app.');
});
