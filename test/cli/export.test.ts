import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportLog } from '#bridge/cli/commands/export.ts';
import { BridgeError } from '#contract/errors.ts';
import { temporaryHome } from '../canary/home.ts';
import { scriptedControl } from './a-control.ts';
import { partsOf, testTerminal } from './a-terminal.ts';

type Pieces = () => AsyncGenerator<string>;

async function* whole(): AsyncGenerator<string> {
  yield 'one\n';
  yield 'two\n';
}

function exporting(output: string, pieces: Pieces = whole, signal = new AbortController().signal) {
  const { control } = scriptedControl({ 'activity.export': pieces });
  return exportLog({ choice: {}, format: 'csv', output }, partsOf(testTerminal(), control, { signal }));
}

test('what an export that was killed leaves is for nobody else to read, and stands in no way of another', async () => {
  await using home = await temporaryHome();
  const [folder, next] = [join(home.path, 'folder'), join(home.path, 'next')];
  mkdirSync(folder);
  const leaving = new AbortController();
  const { promise: asked, resolve: asksOn } = Promise.withResolvers<void>();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const first = exporting(
    join(folder, 'calls.csv'),
    async function* () {
      yield 'one\n';
      asksOn();
      await ended;
    },
    leaving.signal,
  );
  await asked;
  const [left = ''] = readdirSync(folder);
  expect(readdirSync(folder)).toHaveLength(1);
  expect(readFileSync(join(folder, left), 'utf8')).toBe('one\n');
  expect(statSync(join(folder, left)).mode & 0o777).toBe(0o600);
  // What is there if it is killed at this moment.
  cpSync(folder, next, { recursive: true });
  leaving.abort(new DOMException('Interrupted.', 'AbortError'));
  end();
  await expect(first).rejects.toThrow('Interrupted.');
  expect(readdirSync(folder)).toEqual([]);

  const output = join(next, 'calls.csv');
  const written = await exporting(output);
  expect(written?.value).toEqual({ output, format: 'csv', bytes: 8 });
  expect(readFileSync(output, 'utf8')).toBe('one\ntwo\n');
  // It may belong to an export that still runs; an hour later it does not.
  expect(readdirSync(next).sort()).toEqual([left, 'calls.csv'].sort());
  const longAgo = new Date(Date.now() - 2 * 60 * 60_000);
  utimesSync(join(next, left), longAgo, longAgo);
  await exporting(output);
  expect(readdirSync(next)).toEqual(['calls.csv']);
});

test('an export that fails leaves the file of an earlier one as it was, and nothing beside it', async () => {
  await using home = await temporaryHome();
  const output = join(home.path, 'calls.csv');
  writeFileSync(output, 'earlier\n');
  const failing = exporting(output, async function* () {
    yield 'one\n';
    throw new BridgeError('stopping', 'Gangway stopped before it answered.');
  });
  await expect(failing).rejects.toMatchObject({ code: 'stopping' });
  expect(readFileSync(output, 'utf8')).toBe('earlier\n');
  expect(readdirSync(home.path)).toEqual(['calls.csv']);
  await exporting(output);
  expect(readFileSync(output, 'utf8')).toBe('one\ntwo\n');
  expect(statSync(output).mode & 0o777).toBe(0o600);
});

test('an export to what cannot be written names it', async () => {
  await using home = await temporaryHome();
  const long = `${'x'.repeat(240)}.csv`;
  for (const output of [home.path, join(home.path, 'absent', long)]) {
    const error: unknown = await exporting(output).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'storage' });
    expect(String(error).length).toBeLessThanOrEqual(300);
  }
  expect(readdirSync(home.path)).toEqual([]);
});
