import { describe, expect, test } from 'vitest';
import { disconnectClient } from '#bridge/cli/commands/disconnect.ts';
import { parseRestore, restore } from '#bridge/cli/commands/restore.ts';
import { BridgeError } from '#contract/errors.ts';
import { AT, aChange, aClient, aConnection } from './a-client.ts';
import { scriptedControl } from './a-control.ts';
import { partsOf, testTerminal } from './a-terminal.ts';

describe('disconnect', () => {
  const two = [aConnection(), aConnection({ address: 'acme', entry: 'gangway-acme' })];
  const list = { 'clients.list': () => [aClient({ connections: two })] };

  test('takes every entry of Gangway out, one by one', async () => {
    const { control, inputsOf } = scriptedControl({
      ...list,
      'clients.previewRemoval': () => aChange({ kind: 'disconnect', said: ['Removes the entry.'] }),
      'clients.write': () => ({ client: aClient(), said: ['Cursor may list it until it is restarted.'] }),
    });
    const { lines } = await disconnectClient(
      { client: 'cursor', preview: false },
      partsOf(testTerminal(), control),
    );
    expect(inputsOf('clients.previewRemoval')).toEqual([
      { client: 'cursor', address: 'current' },
      { client: 'cursor', address: 'acme' },
    ]);
    const one = ['Changed /home/somebody/.cursor/mcp.json:', '  Removes the entry.'];
    // What is left to the person is the same for each entry.
    expect(lines).toEqual([...one, ...one, 'Cursor may list it until it is restarted.']);
  });

  test('of an entry that is gone already says so', async () => {
    const said = ['It is not there any more.'];
    const { control } = scriptedControl({
      ...list,
      'clients.previewRemoval': () => aChange({ kind: 'disconnect', said, added: '', removed: '' }),
      'clients.write': () => ({ client: aClient(), said: [] }),
    });
    const parts = partsOf(testTerminal(), control);
    const { lines } = await disconnectClient({ client: 'cursor', address: 'acme', preview: false }, parts);
    expect(lines).toEqual(['/home/somebody/.cursor/mcp.json stays as it is:', '  It is not there any more.']);
  });

  test('of what is not connected is refused', async () => {
    const { control } = scriptedControl(list);
    const parts = partsOf(testTerminal(), control);
    await expect(
      disconnectClient({ client: 'cursor', address: 'beta', preview: false }, parts),
    ).rejects.toMatchObject({
      code: 'invalid-input',
      message: 'Cursor has no entry for beta, so there is nothing to take out.',
    });
  });
});

describe('restore', () => {
  test.each([
    [['cursor'], {}, { kind: 'one', client: 'cursor' }],
    [['cursor'], { backup: 'b1' }, { kind: 'one', client: 'cursor', backup: 'b1' }],
    [['cursor'], { list: true }, { kind: 'list', client: 'cursor' }],
    [[], { all: true }, { kind: 'all' }],
  ])('%j %j', (args, flags, options) => {
    expect(parseRestore(args, flags)).toEqual(options);
  });

  test.each([
    [[], {}],
    [['cursor'], { all: true }],
    [['cursor'], { list: true, backup: 'b1' }],
  ])('%j %j is refused', (args, flags) => {
    expect(() => parseRestore(args, flags)).toThrow(BridgeError);
  });

  test('of everything says of each file what became of it', async () => {
    const results = [
      { client: 'cursor' as const, restored: true, text: 'Cursor is as it was.' },
      { client: 'zed' as const, restored: false, text: 'Zed was changed by somebody else.' },
    ];
    const { control } = scriptedControl({ 'clients.restoreAll': () => results });
    const { lines, exit } = await restore({ kind: 'all' }, partsOf(testTerminal(), control));
    expect(lines).toEqual(['✓ Cursor is as it was.', '! Zed was changed by somebody else.']);
    // Whoever removes Gangway must not take this for done.
    expect(exit).toBe(3);
    const fine = scriptedControl({ 'clients.restoreAll': () => results.slice(0, 1) });
    expect((await restore({ kind: 'all' }, partsOf(testTerminal(), fine.control))).exit).toBeUndefined();
  });

  test('the list of copies shows no content', async () => {
    const backups = [{ id: 'b1', path: '/home/somebody/.cursor/mcp.json', at: AT, bytes: 120 }];
    const { control } = scriptedControl({ 'clients.list': () => [aClient({ backups })] });
    const { lines } = await restore({ kind: 'list', client: 'cursor' }, partsOf(testTerminal(), control));
    expect(lines[1]).toMatch(/^b1 .* 120 +\/home\/somebody\/\.cursor\/mcp\.json$/);
  });
});
