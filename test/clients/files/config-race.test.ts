import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readConfigFile, writeConfigFile } from '#bridge/clients/files/config-file.ts';
import { BridgeError } from '#contract/errors.ts';
import { watchProcess } from '../../canary/collect.ts';
import { temporaryHome } from '../../canary/home.ts';

const RACES = 120;
const program = fileURLToPath(new URL('./other-program.ts', import.meta.url));

interface OtherProgram extends AsyncDisposable {
  /** Tells it to end, and gives its counts. */
  end(): Promise<{ turn: number; lost: number }>;
}

async function startOther(way: string, path: string): Promise<OtherProgram> {
  const child: ChildProcess = spawn(process.execPath, [program, way, path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  watchProcess(child, 'the other program');
  const ended = once(child, 'exit');
  const lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
  await lines.next();
  return {
    end: async () => {
      child.stdin!.end();
      const { value } = await lines.next();
      await ended;
      return JSON.parse(value as string) as { turn: number; lost: number };
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Puts our number into the file as a change of ours does: read, edit, write, and that anew after a conflict. */
async function change(path: string, home: string, ours: number): Promise<'done' | 'conflict'> {
  for (let attempt = 0; attempt <= 3; attempt += 1) {
    try {
      const before = await readConfigFile(path, home);
      const content = JSON.parse(before.text) as Record<string, unknown>;
      await writeConfigFile(before, `${JSON.stringify({ ...content, ours }, null, 2)}\n`);
      return 'done';
    } catch (error) {
      // Whoever writes over its file may be read in the middle of it.
      const isHalf = error instanceof SyntaxError;
      if (!isHalf && !(error instanceof BridgeError && error.code === 'conflict')) throw error;
    }
  }
  return 'conflict';
}

test.for([
  { way: 'lock', how: 'saves behind a lock as Claude Code does' },
  { way: 'rename', how: 'saves beside its file and renames' },
  { way: 'in-place', how: 'writes over its file' },
])('CF-09 CF-11 a program that $how loses nothing while we change the same file', async ({ way }) => {
  await using home = await temporaryHome();
  const path = join(home.path, 'settings.json');
  writeFileSync(path, `${JSON.stringify({ turn: 0, padding: 'p'.repeat(20_000) })}\n`);
  await using other = await startOther(way, path);
  let done = 0;
  for (let race = 1; race <= RACES; race += 1) {
    if ((await change(path, home.path, race)) === 'done') done += 1;
  }
  const { turn, lost } = await other.end();
  const content = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  expect({ lost, turn: content.turn }).toEqual({ lost: 0, turn });
  expect(done).toBeGreaterThan(0);
  expect(readdirSync(home.path)).toEqual(['settings.json']);
});
