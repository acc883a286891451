import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lifetime, releaseFolder, watchFolder } from './collect.ts';

/** A folder of a test's own. Disposing it searches it for secrets, then removes it. */
export interface TemporaryHome extends AsyncDisposable {
  readonly path: string;
}

const open = new Map<string, 'test' | 'file'>();
const lookers: ((path: string) => void)[] = [];

/** Lets somebody look through every folder once more before it is removed. */
export function beforeHomeGoes(look: (path: string) => void): void {
  lookers.push(look);
}

/**
 * Makes a folder with mode 0700 that is searched for secrets after each test. It goes when it is disposed, and at the
 * latest at the end of the test, or of the test file when it was made in a `beforeAll`.
 */
export async function temporaryHome(): Promise<TemporaryHome> {
  const path = mkdtempSync(join(tmpdir(), 'gangway-test-'));
  open.set(path, lifetime());
  watchFolder(path);
  return {
    path,
    [Symbol.asyncDispose]: async () => removeHome(path),
  };
}

/** Removes what the test, or the whole file, left behind. */
export function removeHomes(of: 'test' | 'file'): void {
  for (const [path, owner] of open) if (of === 'file' || owner === 'test') removeHome(path);
}

function removeHome(path: string): void {
  if (!open.delete(path)) return;
  releaseFolder(path);
  for (const look of lookers) look(path);
  rmSync(path, { recursive: true, force: true, maxRetries: 3 });
}
