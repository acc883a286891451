import { implement } from '@orpc/server';
import { control } from '../contract/control.ts';
import type { HandlerParts } from './handlers.ts';
import { forever } from './signals.ts';

type WorkspaceParts = Pick<HandlerParts, 'asking'>;

/** Workspaces that nobody has an account for yet. */
export function workspaceProcedures({ asking }: WorkspaceParts) {
  const os = implement(control.workspaces);
  return { look: os.look.handler(({ input, signal }) => asking.look(input, signal ?? forever())) };
}
