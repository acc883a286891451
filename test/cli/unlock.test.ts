import { expect, test } from 'vitest';
import type { Paths } from '#bridge/base/paths.ts';
import { showStatus } from '#bridge/cli/commands/status.ts';
import { unlock } from '#bridge/cli/commands/unlock.ts';
import type { ControlClient } from '#bridge/control/client.ts';
import { canary } from '../canary/canary.ts';
import { freshPaths, startOwner } from '../control/an-owner.ts';
import { scriptedControl } from './a-control.ts';
import { partsOf, testTerminal } from './a-terminal.ts';

const QUESTION = 'Passphrase of the saved sign-ins (not shown): ';
const NEW = 'New passphrase for the saved sign-ins (not shown): ';
const AGAIN = 'The same once more: ';

/** Unlocks while a person types an answer to each question. @returns what came of it, and what was shown. */
async function typing(
  parts: { paths: Paths; control: ControlClient },
  answers: readonly (readonly [question: string, answer: string])[],
) {
  const screen = testTerminal(true);
  const running = unlock(partsOf(screen, parts.control, { paths: parts.paths }));
  const done = running.catch((error: unknown) => error);
  for (const [question, answer] of answers) {
    await screen.shows(question);
    screen.stdin.write(`${answer}\r`);
  }
  expect(await done).toBeDefined();
  expect(screen.stderr()).toBe(answers.map(([question]) => `${question}\n`).join(''));
  return done;
}

test('asks for the passphrase, without showing it, until it is the right one; for a new one twice', async () => {
  const paths = await freshPaths();
  const passphrase = canary('generic');
  const state = async (control: ControlClient) =>
    (await showStatus(partsOf(testTerminal(), control))).lines.join('\n');
  {
    await using bridge = await startOwner(paths, { vault: 'passphrase' });
    const parts = { paths, control: bridge.control };
    const choose = (one: string, other: string) =>
      typing(parts, [
        [NEW, one],
        [AGAIN, other],
      ]);
    expect(await choose('short', 'short')).toMatchObject({ code: 'invalid-input' });
    const mistyped = await choose(passphrase, canary('generic'));
    expect(mistyped).toMatchObject({ message: expect.stringContaining('not the same') });
    expect(await state(bridge.control)).toContain(
      'passphrase, not unlocked yet; to be asked for that: gangway unlock',
    );
    expect(await choose(passphrase, passphrase)).toMatchObject({
      lines: ['The saved sign-ins are unlocked.'],
    });
    expect(await state(bridge.control)).toContain('passphrase, ready');
  }
  await using bridge = await startOwner(paths, { vault: 'passphrase' });
  const parts = { paths, control: bridge.control };
  expect(await typing(parts, [[QUESTION, canary('generic')]])).toMatchObject({ code: 'vault-denied' });
  expect(await typing(parts, [[QUESTION, passphrase]])).toMatchObject({
    lines: ['The saved sign-ins are unlocked.'],
  });
});

test('asks nothing when there is nothing to unlock', async () => {
  await using bridge = await startOwner(await freshPaths());
  const screen = testTerminal(true);
  expect((await unlock(partsOf(screen, bridge.control))).lines).toEqual([
    'The saved sign-ins are unlocked already.',
  ]);
  expect(screen.stderr()).toBe('');
});

test('leaves it to the keychain to ask, and to the bridge that this command hosts', async () => {
  for (const [kind, isHosted] of [
    ['keychain', false],
    ['passphrase', true],
  ] as const) {
    const status = { vault: { kind, state: 'locked' } };
    const { control, inputsOf } = scriptedControl({
      status: () => status,
      'vault.open': () => ({ vault: { kind, state: 'ready' } }),
    });
    const screen = testTerminal(true);
    const { lines } = await unlock(partsOf(screen, control, { isHosted: () => isHosted }));
    expect(inputsOf('vault.open')).toEqual([{}]);
    expect(screen.stderr()).toBe('');
    expect(lines[0]).toMatch(isHosted ? /start it with: gangway serve$/ : /are unlocked\.$/);
  }
});

test('where nobody can be asked for a passphrase it says so', async () => {
  await using bridge = await startOwner(await freshPaths(), { vault: 'passphrase' });
  const asked = unlock(partsOf(testTerminal(), bridge.control));
  await expect(asked).rejects.toMatchObject({ code: 'invalid-input' });
});
