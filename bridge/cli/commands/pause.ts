import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';

export const command = bridgeCommand({
  usage: 'pause',
  summary: 'let no call through until you resume',
  parse: () => undefined,
  run: (_, parts) => pauseAll(parts),
});

/** Stops every call; clients stay connected. */
export async function pauseAll({ control, signal }: CommandParts): Promise<Shown> {
  const status = await control.pause(undefined, { signal });
  return { value: status, lines: ['All access is paused. Go on with: gangway resume'] };
}
