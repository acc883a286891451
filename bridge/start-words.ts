import { isAbsolute } from 'node:path';
import { writeWhole } from './base/json-file.ts';
import type { Log } from './base/log.ts';
import type { Paths } from './base/paths.ts';
import { type Program, programFromSource } from './shim/start-owner.ts';

/**
 * Leaves for the shims how this owner can be started again: a shim by itself, or one in a bundle of Claude, does not know
 * where Gangway is. Never throws; without these words a shim only cannot start anybody.
 * @param program as for the bridge: absent when it runs from its source, null when nobody can start it, which leaves the
 * words of an earlier owner.
 */
export async function keepStartWords(
  paths: Pick<Paths, 'startWords'>,
  program: Program | null | undefined,
  log: Log,
): Promise<void> {
  const words = program === undefined ? programFromSource() : program;
  if (words === null || !words.every((part) => isAbsolute(part))) return;
  try {
    await writeWhole(paths.startWords, Buffer.from(`${JSON.stringify({ program: words })}\n`));
  } catch (error) {
    log.error('socket.no-start-words', error);
  }
}
