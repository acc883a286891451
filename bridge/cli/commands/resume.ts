import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';

export const command = bridgeCommand({
  usage: 'resume',
  summary: 'let calls through again',
  parse: () => undefined,
  run: (_, parts) => resumeAll(parts),
});

/** Ends a pause. */
export async function resumeAll({ control, signal }: CommandParts): Promise<Shown> {
  const status = await control.resume(undefined, { signal });
  return { value: status, lines: ['Calls go through again.'] };
}
