import type { CommandParts } from './command.ts';

/** Says that a secret is gone when this command ends, where it hosts a bridge that keeps secrets in memory only. */
export async function warnOfMemory(
  { control, terminal, isHosted, signal }: CommandParts,
  what: 'key' | 'sign-in',
): Promise<void> {
  if (!isHosted()) return;
  const { vault } = await control.status(undefined, { signal });
  if (vault.kind !== 'memory') return;
  const instead = what === 'key' ? 'Add accounts' : 'Sign in';
  terminal.say(
    `  ! The ${what} was kept in memory only, so it is gone now. ${instead} while "gangway serve" runs.`,
  );
}
