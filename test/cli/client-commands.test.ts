import { describe, expect, test } from 'vitest';
import { clientNamed } from '#bridge/cli/client-name.ts';
import { showClients } from '#bridge/cli/commands/clients.ts';
import { connectClient, parseConnect } from '#bridge/cli/commands/connect.ts';
import { migrate } from '#bridge/cli/commands/migrate.ts';
import { BridgeError } from '#contract/errors.ts';
import { AT, aChange, aClient, aConnection, changed } from './a-client.ts';
import { scriptedControl } from './a-control.ts';
import { partsOf, testTerminal } from './a-terminal.ts';

describe('the name of a client', () => {
  test.each([
    ['cursor', 'cursor'],
    ['Claude Code', 'claude-code'],
    [' VSCode ', 'vscode'],
    ['LM Studio', 'lm-studio'],
    ['ClaudeDesktop', 'claude-desktop'],
  ])('%j is understood', (typed, id) => {
    expect(clientNamed(typed)).toBe(id);
  });

  test('an unknown one is refused with all there are', () => {
    expect(() => clientNamed('emacs')).toThrow(
      /No app is called that here. There are: claude-desktop, .*raycast\. Any other: gangway endpoint$/,
    );
  });
});

describe('clients', () => {
  test('shows those that are here, and how each is connected', async () => {
    const views = [
      aClient({ connections: [aConnection({ state: 'gone', text: 'The entry is gone. Repair it.' })] }),
      aClient({ id: 'zed', name: 'Zed', found: false }),
      aClient({ id: 'codex', name: 'Codex' }),
    ];
    const { control } = scriptedControl({ 'clients.list': () => views });
    const parts = partsOf(testTerminal(), control);
    const { value, lines } = await showClients({ all: false }, parts);
    expect(value).toEqual(views);
    expect(lines).toEqual([
      'CLIENT  NAME    FOUND  REACHES  DOOR  STATE',
      'cursor  Cursor  yes    current  http  entry gone',
      'codex   Codex   yes    -        -     not connected',
      '',
      '! cursor: The entry is gone. Repair it.',
      'What helps: gangway doctor',
    ]);
    expect((await showClients({ all: true }, parts)).lines.join('\n')).toContain('zed');
  });

  test('without any says what to do', async () => {
    const { control } = scriptedControl({ 'clients.list': () => [aClient({ found: false })] });
    const { lines } = await showClients({ all: false }, partsOf(testTerminal(), control));
    expect(lines[0]).toBe(
      'No AI app was found on this computer. To see all that Gangway knows: gangway clients --all',
    );
  });
});

describe('connect', () => {
  const plain = parseConnect(['cursor'], {});

  test('--preview shows the exact change and makes none', async () => {
    const { control, inputsOf } = scriptedControl({ 'clients.preview': () => aChange() });
    const { lines } = await connectClient({ ...plain, preview: true }, partsOf(testTerminal(), control));
    expect(lines).toEqual([
      '/home/somebody/.cursor/mcp.json, line 3',
      '  One server is added: gangway.',
      '  +     "gangway": {',
      '  +       "url": "http://127.0.0.1:4000/mcp"',
      '  +     },',
      '  Stays as it is: github',
      '  Then: Look into the settings of Cursor.',
    ]);
    expect(inputsOf('clients.preview')).toEqual([{ client: 'cursor', address: 'current' }]);
    expect(inputsOf('clients.write')).toEqual([]);
  });

  test('CF-11 a file that changes between look and write is looked at again, three times at most', async () => {
    let writes = 0;
    const flaky = (failures: number) =>
      scriptedControl({
        'clients.preview': () => aChange({ token: `chg_${writes}` }),
        'clients.write': () => {
          writes += 1;
          if (writes <= failures) throw new BridgeError('conflict', 'It was changed by another program.');
          return changed();
        },
      });
    const twice = flaky(2);
    const { lines } = await connectClient(plain, partsOf(testTerminal(), twice.control));
    expect(lines).toEqual([
      'Changed /home/somebody/.cursor/mcp.json:',
      '  One server is added: gangway.',
      'Cursor is connected.',
    ]);
    expect(twice.inputsOf('clients.write')).toEqual([
      { token: 'chg_0' },
      { token: 'chg_1' },
      { token: 'chg_2' },
    ]);
    writes = 0;
    const always = flaky(99);
    await expect(connectClient(plain, partsOf(testTerminal(), always.control))).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(always.inputsOf('clients.write')).toHaveLength(3);
  });

  test('an address that only this command hosts is said to need a running bridge', async () => {
    const { control } = scriptedControl({
      'clients.preview': () => aChange(),
      'clients.write': () => changed(),
    });
    const parts = partsOf(testTerminal(), control, { isHosted: () => true });
    expect((await connectClient(plain, parts)).lines.at(-1)).toMatch(
      /does not run by itself yet.*: gangway serve$/,
    );
  });

  test('an entry that cannot work yet is written, and that is said', async () => {
    const unusable = aConnection({ state: 'unusable', text: 'No account is chosen.', action: 'fix-account' });
    const { control } = scriptedControl({
      'clients.preview': () => aChange({ exists: false }),
      'clients.write': () => changed({ connections: [unusable] }),
    });
    const { lines } = await connectClient(plain, partsOf(testTerminal(), control));
    expect(lines[0]).toBe('Made /home/somebody/.cursor/mcp.json:');
    expect(lines.slice(-2)).toEqual(['! cursor: No account is chosen.', 'What helps: gangway doctor']);
  });

  async function* handshakes() {
    yield { knownClients: [aClient({ connections: [aConnection()] })] };
    yield { accounts: [] };
    const seen = { at: AT, program: 'Cursor 1.0', tools: 41, who: 'member@acme.example', open: true };
    const text = 'Sees 41 tools as member@acme.example.';
    yield {
      knownClients: [aClient({ connections: [aConnection({ state: 'seen', text, action: 'none', seen })] })],
    };
  }

  test('--wait tells when the app has shaken hands', async () => {
    const { control } = scriptedControl({
      'clients.preview': () => aChange(),
      'clients.write': () => ({ ...changed(), said: ['Revoke the former key.', aChange().effect] }),
      watch: () => handshakes(),
    });
    const screen = testTerminal();
    const { value, lines } = await connectClient({ ...plain, waitSeconds: 60 }, partsOf(screen, control));
    expect(screen.stderr()).toBe(
      [
        'Changed /home/somebody/.cursor/mcp.json:',
        '  One server is added: gangway.',
        'Waiting for the app. Look into the settings of Cursor.',
        '✓ Sees 41 tools as member@acme.example.\n',
      ].join('\n'),
    );
    // What makes the app look at its settings has happened.
    expect(lines).toEqual(['Revoke the former key.']);
    expect(value).toMatchObject({ client: { connections: [{ state: 'seen' }] } });
  });

  test('--wait says at once what keeps the app from being served, and once', async () => {
    const unusable = aConnection({ state: 'unusable', text: 'No account is chosen.', action: 'fix-account' });
    async function* late() {
      yield { knownClients: [aClient({ connections: [unusable] })] };
      yield { knownClients: [aClient({ connections: [unusable] })] };
      yield* handshakes();
    }
    const { control } = scriptedControl({
      'clients.preview': () => aChange(),
      'clients.write': () => changed(),
      watch: () => late(),
    });
    const screen = testTerminal();
    await connectClient({ ...plain, waitSeconds: 60 }, partsOf(screen, control));
    expect(
      screen
        .stderr()
        .split('\n')
        .filter((line) => line.startsWith('!')),
    ).toEqual(['! No account is chosen.']);
  });

  test('--wait that ends without a handshake says what is awaited', async () => {
    async function* never(signal: AbortSignal | undefined) {
      yield { knownClients: [aClient({ connections: [aConnection()] })] };
      await new Promise((resolve) => signal?.addEventListener('abort', resolve));
    }
    const { control } = scriptedControl({
      'clients.preview': () => aChange(),
      'clients.write': () => changed(),
      watch: (_, signal) => never(signal),
    });
    const waiting = connectClient({ ...plain, waitSeconds: 1 }, partsOf(testTerminal(), control));
    await expect(waiting).rejects.toMatchObject({
      code: 'timeout',
      message: 'The entry is written, but the app has not connected yet. Written. Restart Cursor.',
    });
  });

  test('--bundle makes a bundle for Claude Desktop alone', async () => {
    const bundle = { path: '/home/somebody/gangway-acme.mcpb', name: 'gangway-acme', bytes: 9 };
    const { control, inputsOf } = scriptedControl({ 'clients.bundle': () => bundle });
    const wanted = parseConnect(['claude-desktop', 'acme'], { bundle: true });
    const { lines } = await connectClient(wanted, partsOf(testTerminal(), control));
    expect(lines[0]).toBe(bundle.path);
    expect(inputsOf('clients.bundle')).toEqual([{ address: 'acme' }]);
    expect(() => parseConnect(['cursor'], { bundle: true })).toThrow(/bundle is for claude-desktop/);
    expect(() => parseConnect(['cursor'], { wait: 'long' })).toThrow(/whole seconds/);
  });
});

describe('migrate', () => {
  const entry = {
    id: 'for_1',
    client: 'cursor' as const,
    path: '/home/somebody/.cursor/mcp.json',
    entry: 'acme',
    url: 'https://acme.example/mcp',
    host: 'acme.example',
    by: 'mcp-remote' as const,
    headers: ['Authorization'],
    oauth: false,
    account: null,
  };

  test('lists what apps reach without Gangway, and the files that could not be read', async () => {
    const unread = [{ client: 'zed' as const, path: '/x', text: 'settings.json has an error in line 3.' }];
    const { control } = scriptedControl({ 'clients.foreign': () => ({ entries: [entry], unread }) });
    const { lines } = await migrate({ preview: false }, partsOf(testTerminal(), control));
    expect(lines).toEqual([
      'ID     CLIENT  ENTRY  HOST          SIGNS IN WITH',
      'for_1  cursor  acme   acme.example  Authorization',
      '! zed: settings.json has an error in line 3.',
      '',
      'Bring one here with: gangway migrate ID',
    ]);
  });

  test('brings one here', async () => {
    const { control, inputsOf } = scriptedControl({
      'clients.previewMigration': () => aChange({ kind: 'migrate' }),
      'clients.write': () => changed(),
    });
    await migrate({ id: 'for_1', label: 'Acme', preview: false }, partsOf(testTerminal(), control));
    expect(inputsOf('clients.previewMigration')).toEqual([{ id: 'for_1', label: 'Acme' }]);
    expect(inputsOf('clients.write')).toEqual([{ token: 'chg_1' }]);
  });
});
