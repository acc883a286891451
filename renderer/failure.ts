import { ORPCError } from '@orpc/client';
import { texts } from './texts/texts.ts';

/** A failure as the window shows it. */
export interface Failure {
  /** A code of `contract/errors.ts`, `lost` when the bridge could not be asked, or whatever a newer bridge says. */
  readonly code: string;
  /** What happened, what it means, the one thing to do. */
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What went wrong, in words for a person; nothing that was not meant for people gets through. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof ORPCError)) return { code: 'lost', message: texts.shell.lost, details: {} };
  const { code, message, data } = error;
  const details = typeof data === 'object' && data !== null ? data : {};
  if (code === 'UNAUTHORIZED') return { code, message: texts.shell.locked, details };
  return { code, message: message.slice(0, 300), details };
}
