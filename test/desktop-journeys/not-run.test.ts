import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { programIn } from '#main/start.ts';
import { temporaryHome } from '../canary/home.ts';
import { findElectron } from './electron-program.ts';

const RUNNER = join(import.meta.dirname, 'run.ts');

test.each([
  { words: [], status: 2 },
  { words: ['--allow-missing'], status: 0 },
])(
  "without Electron's binary the journeys are not run, in one line and with $status for $words",
  ({ words, status }) => {
    const ended = spawnSync(process.execPath, [RUNNER, ...words], {
      env: { PATH: process.env.PATH, ELECTRON_OVERRIDE_DIST_PATH: '/nonexistent' },
      encoding: 'utf8',
    });
    expect(ended.stdout).toMatch(/^NOT RUN: desktop journeys need Electron's binary\. .+\n$/);
    expect(ended.stdout.split('\n')).toHaveLength(2);
    expect(ended).toMatchObject({ status, stderr: '' });
  },
);

test("Electron's program is found in the folder that is named", async () => {
  await using home = await temporaryHome();
  const env = { ELECTRON_OVERRIDE_DIST_PATH: home.path };
  expect(findElectron(env, 'linux')).toBeUndefined();
  const program = programIn(home.path, 'linux');
  expect(dirname(program)).toBe(home.path);
  writeFileSync(program, '');
  chmodSync(program, 0o755);
  expect(findElectron(env, 'linux')).toBe(program);
});
