import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startBus } from '../vault/session-bus.ts';
import { missingLine, missingPackages, programs } from './programs.ts';

const program = fileURLToPath(new URL('./packages.ts', import.meta.url));

test('this machine has every program the tests need', () => {
  const missing = missingPackages();
  expect(missing, missingLine(missing)).toEqual([]);
});

test.runIf(process.platform === 'linux')('without the programs, one line names every package', () => {
  const packages = missingPackages('/nonexistent');
  expect(packages).toEqual(Object.values(programs));
  const { status, stderr } = spawnSync(process.execPath, [program], {
    env: { PATH: '/nonexistent' },
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  expect(stderr.trimEnd().split('\n').at(-1)).toBe(missingLine(packages));
});

test.runIf(process.platform === 'linux')('a keychain test without them fails with that line', async () => {
  const { PATH } = process.env;
  process.env.PATH = '/nonexistent';
  try {
    await expect(startBus()).rejects.toThrow(missingLine(Object.values(programs)));
  } finally {
    process.env.PATH = PATH;
  }
});
