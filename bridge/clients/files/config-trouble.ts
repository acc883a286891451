import { oneLine } from '../../base/text.ts';
import { BridgeError } from '../../contract/errors.ts';

/** Longest part of a path in a sentence; two of them and the sentence stay below 300 characters. */
const SHOWN = 100;

/** A path as it stands in a sentence: on one line, and of a long one its end. */
export function shown(path: string): string {
  const plain = oneLine(path, 10_000);
  return plain.length <= SHOWN ? plain : `…${plain.slice(1 - SHOWN)}`;
}

/** A file that is left alone, and why. */
export function refusal(path: string, why: string, cause?: unknown): BridgeError {
  return new BridgeError('storage', `${shown(path)} ${why}`, {}, cause);
}

export function changedByAnother(path: string, cause?: unknown): BridgeError {
  return new BridgeError(
    'conflict',
    `${shown(path)} was changed by another program. Its change was kept, and nothing was written. Try again.`,
    {},
    cause,
  );
}

export function stillBeingSaved(path: string): BridgeError {
  return new BridgeError(
    'conflict',
    `${shown(path)} is being saved by another program. Nothing was written. Try again in a few seconds.`,
  );
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full',
  EDQUOT: 'Your share of the disk is full',
  EFBIG: 'The system allows no file of this size',
  EROFS: 'The disk is read-only',
  EACCES: 'Gangway may not write there',
  EPERM: 'Gangway may not write there',
  EIO: 'The disk failed',
  EBUSY: 'Another program holds the file',
  EMFILE: 'Too many files are open',
  ENFILE: 'Too many files are open',
  ENAMETOOLONG: 'The name of the file is too long',
};

/** Of a file that is as it was before, because writing failed. */
export function notSaved(path: string, error: unknown): BridgeError {
  const code = (error as NodeJS.ErrnoException).code;
  const why = REASONS[code ?? ''] ?? `Writing failed${code ? ` (${code})` : ''}`;
  return new BridgeError(
    'storage',
    `${why}: ${shown(path)} could not be saved. It is as it was before; nothing was lost.`,
    {},
    error,
  );
}
