import { expect, test } from 'vitest';
import { lookAt } from '#bridge/cli/commands/look.ts';
import { listTools } from '#bridge/cli/commands/tools.ts';
import type { ToolView, WorkspaceLook } from '#contract/control.ts';
import { freshPaths, startOwner } from '../control/an-owner.ts';
import { startPlain } from '../workspaces/plain.ts';
import { scriptedControl } from './a-control.ts';
import { partsOf, testTerminal } from './a-terminal.ts';

test('tools shows names, effects and what apps may call', async () => {
  const tools: ToolView[] = [
    { name: 'burn', title: null, description: null, effect: 'destroys', allowed: false },
    { name: 'look', title: 'Look', description: 'Looks.', effect: 'reads', allowed: true },
  ];
  const { control, inputsOf } = scriptedControl({ 'accounts.tools': () => tools });
  const shown = await listTools({ account: 'acme' }, partsOf(testTerminal(), control));
  expect(shown).toEqual({
    value: tools,
    lines: ['NAME  EFFECT    ALLOWED', 'burn  destroys  no', 'look  reads     yes'],
  });
  expect(inputsOf('accounts.tools')).toEqual([{ account: 'acme' }]);
});

test('tools of a workspace without any says so', async () => {
  const { control } = scriptedControl({ 'accounts.tools': () => [] });
  const shown = await listTools({ account: 'acme' }, partsOf(testTerminal(), control));
  expect(shown).toEqual({ value: [], lines: ['This workspace has no tools.'] });
});

test('look shows every check, and how to add it when all is well', async () => {
  await using bridge = await startOwner(await freshPaths());
  await using open = await startPlain({ name: 'open' });
  const typed = { address: open.url, connector: undefined, ownNetwork: false };
  const { value, lines } = await lookAt(typed, partsOf(testTerminal(), bridge.control));
  expect(lines).toEqual([
    `✓ address      The server is on this computer, so it is reached without encryption.`,
    `✓ reachable    ${new URL(open.url).host} can be reached.`,
    '✓ certificate  No certificate is needed: the server is on this computer.',
    '✓ protocol     open speaks MCP 2025-11-25.',
    '✓ sign-in      No sign-in is needed.',
    'Add it with: gangway add custom --url ADDRESS --sign-in none',
  ]);
  expect(value).toMatchObject({ address: open.url });
});

test('look shows where it stopped, and no control sequence of anybody', async () => {
  const found: WorkspaceLook = {
    address: null,
    host: null,
    connector: 'pelcro',
    checks: [
      { name: 'address', state: 'failed', text: 'It is \u001b[2Jnone.' },
      { name: 'reachable', state: 'skipped', text: 'Not looked at.' },
    ],
    signIn: [],
    server: null,
    protocolVersion: null,
    privateNetwork: false,
  };
  const { control, inputsOf } = scriptedControl({ 'workspaces.look': () => found });
  const typed = { address: 'x y', connector: 'pelcro' as const, ownNetwork: true };
  const { lines } = await lookAt(typed, partsOf(testTerminal(), control));
  expect(lines).toEqual(['✗ address      It is [2Jnone.', '- reachable    Not looked at.']);
  expect(inputsOf('workspaces.look')).toEqual([{ url: 'x y', connector: 'pelcro', ownNetwork: true }]);
});
