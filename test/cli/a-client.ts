import type { ChangedClient, ChangePreview, ClientConnection, ClientView } from '#contract/clients.ts';

export const AT = '2026-11-21T10:00:00.000Z';

export const aConnection = (change: Partial<ClientConnection> = {}): ClientConnection => ({
  address: 'current',
  door: 'http',
  entry: 'gangway',
  path: '/home/somebody/.cursor/mcp.json',
  writtenAt: AT,
  state: 'waiting',
  text: 'Written. Restart Cursor.',
  action: 'restart-client',
  seen: null,
  ...change,
});

export const aClient = (change: Partial<ClientView> = {}): ClientView => ({
  id: 'cursor',
  name: 'Cursor',
  found: true,
  way: 'file',
  doors: ['http', 'stdio'],
  places: [{ path: '/home/somebody/.cursor/mcp.json', exists: true }],
  takesEffect: 'reload',
  effect: 'Look into the settings of Cursor.',
  bundle: false,
  note: null,
  connections: [],
  backups: [],
  ...change,
});

export const aChange = (change: Partial<ChangePreview> = {}): ChangePreview => ({
  token: 'chg_1',
  kind: 'connect',
  client: 'cursor',
  address: 'current',
  door: 'http',
  path: '/home/somebody/.cursor/mcp.json',
  exists: true,
  entry: 'gangway',
  said: ['One server is added: gangway.'],
  added: '    "gangway": {\n      "url": "http://127.0.0.1:4000/mcp"\n    },\n',
  removed: '',
  line: 3,
  others: ['github'],
  effect: 'Look into the settings of Cursor.',
  ...change,
});

export const changed = (change: Partial<ClientView> = {}): ChangedClient => ({
  client: aClient({ connections: [aConnection()], ...change }),
  said: ['Cursor is connected.'],
});
