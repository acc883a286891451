/** One folder and what it may know. Files below it belong to it unless they have a row of their own. */
export interface Layer {
  readonly folder: string;
  /** What lives there, for the reader of the table. */
  readonly holds: string;
  /** Folders, or single files of folders, it may import besides itself; `*` means all of them. */
  readonly may: readonly string[];
  /** Third-party packages it may import, and built-in modules only it may import; `*` means any in package.json. */
  readonly packages: readonly string[];
  /** False where the code also runs outside Node. */
  readonly node: boolean;
}

const CONTRACT = 'bridge/contract';
const BASE = 'bridge/base';

/**
 * Who may import whom. A folder without a row is an error, so nothing new slips in unseen; every third-party package
 * has its doors here. The table in ARCHITECTURE.md is printed from it: `node test/architecture/layers.ts`.
 */
export const layers: readonly Layer[] = [
  {
    folder: CONTRACT,
    holds: 'shapes, words and errors every process shares',
    may: [],
    packages: ['zod', '@orpc/contract'],
    node: false,
  },
  {
    folder: BASE,
    holds: 'small tools without product knowledge',
    may: [CONTRACT],
    packages: ['pino', 'undici', 'zod'],
    node: true,
  },
  part('jsonrpc', 'messages as text: read, cut, write', [], []),
  {
    folder: 'bridge/socket',
    holds: 'the local socket: handshake and frames, both ends',
    may: [BASE, 'bridge/contract/errors.ts'],
    packages: ['node:sqlite'],
    node: true,
  },
  part('vault', 'the keychain and the sealed files', [], ['@napi-rs/keyring', 'zod']),
  part('connectors', 'kinds of workspaces, as data', [], ['zod']),
  part('policy', 'which calls are allowed', [], []),
  part('activity', 'the journal of calls', [], ['node:sqlite', 'zod']),
  part('settings', 'what the person chose', [], ['zod']),
  part(
    'clients',
    'local client programs: their tokens, and what is written into their settings',
    [],
    ['fflate', 'jsonc-parser', 'toml-eslint-parser', 'yaml', 'zod'],
  ),
  part(
    'doctor',
    'a look at everything that can be wrong',
    ['connectors', 'credentials', 'socket', 'upstream', 'vault'],
    [],
  ),
  part(
    'oauth',
    'the steps of OAuth, each a function: discovery to revocation',
    ['connectors/reach.ts'],
    ['oauth4webapi', 'undici', 'zod'],
  ),
  part(
    'credentials',
    'credentials, the headers they become, and their renewal',
    ['vault', 'connectors', 'oauth'],
    ['zod'],
  ),
  part('accounts', 'the list of accounts and which one is current', ['connectors', 'credentials'], ['zod']),
  part(
    'upstream',
    'connections to workspaces',
    ['connectors', 'credentials', 'jsonrpc'],
    ['undici', 'eventsource-parser'],
  ),
  part(
    'sign-in',
    'signing in and out with a person, step by step',
    ['connectors', 'oauth', 'credentials', 'accounts'],
    [],
  ),
  part('relay', 'one conversation, forwarded message by message', ['jsonrpc', 'upstream'], []),
  part(
    'sessions',
    'conversations of clients, each bound to an account',
    ['connectors', 'credentials', 'accounts', 'policy', 'activity', 'jsonrpc', 'upstream', 'relay'],
    [],
  ),
  part(
    'downstream',
    'the doors for clients: local socket and HTTP',
    [
      'jsonrpc',
      'relay/channel.ts',
      'relay/greeting.ts',
      'relay/modern/message.ts',
      'relay/trouble.ts',
      'sessions/door.ts',
      'socket',
    ],
    [],
  ),
  part(
    'control',
    'the one contract, served and called',
    [
      'accounts',
      'activity',
      'clients',
      'connectors',
      'credentials',
      'jsonrpc',
      'policy',
      'relay',
      'sessions',
      'settings',
      'sign-in',
      'socket',
      'upstream',
      'vault',
    ],
    ['@orpc/client', '@orpc/contract', '@orpc/server', 'zod'],
  ),
  {
    folder: 'bridge',
    holds: '`bridge.ts`, and the files beside it that build its parts',
    may: ['*'],
    packages: [],
    node: true,
  },
  part(
    'panel',
    'the window in a browser: its files and the contract, guarded',
    ['control'],
    ['@orpc/server'],
  ),
  part(
    'cli',
    'the command line',
    [
      ...['control', 'doctor', 'panel', 'socket', 'shim', 'vault/choice.ts', 'bridge.ts'],
      // Of the command as one file, which is its own keychain process.
      ...['vault/keychain-child.ts', 'vault/keychain-process.ts'],
    ],
    ['commander'],
  ),
  {
    folder: 'bridge/shim',
    holds: 'stdin and stdout to the local socket',
    may: ['bridge/base/paths.ts', 'bridge/base/limits.ts', 'bridge/base/line-splitter.ts', 'bridge/socket'],
    packages: [],
    node: true,
  },
  {
    folder: 'main',
    holds: 'the desktop app around the bridge: tray, windows, notifications, links, updates',
    may: [CONTRACT, BASE, 'bridge/control', 'bridge/panel', 'bridge/vault', 'bridge/bridge.ts'],
    packages: ['electron', 'electron-updater', '@orpc/client', '@orpc/server', 'zod'],
    node: true,
  },
  {
    folder: 'main/icons',
    holds: 'pictures of the app, and the script that draws them',
    may: [],
    packages: ['@resvg/resvg-js'],
    node: true,
  },
  {
    folder: 'renderer',
    holds: 'the window: what a person sees of the bridge, in the desktop app and in the panel',
    may: [CONTRACT],
    packages: [
      ...['react', 'react-dom', '@base-ui/react', '@tanstack/react-query', 'wouter', 'lucide-react'],
      ...['@orpc/client', '@orpc/contract'],
    ],
    node: false,
  },
  {
    folder: '',
    holds: 'configuration of the tools',
    may: [],
    packages: ['vitest', 'knip', 'electron-vite', 'vite', '@vitejs/plugin-react'],
    node: true,
  },
  {
    folder: 'test/canary',
    holds: 'secrets for tests, and the search for them',
    may: [],
    packages: ['vitest'],
    node: true,
  },
  {
    folder: 'test/workspaces',
    holds: 'sample workspaces: real MCP servers',
    may: ['test/canary'],
    packages: ['*'],
    node: true,
  },
  { folder: 'test', holds: 'tests of everything, and the demo', may: ['*'], packages: ['*'], node: true },
];

/** A row inside `bridge/`; all of these know the contract and the base. */
function part(name: string, holds: string, may: readonly string[], packages: readonly string[]): Layer {
  return {
    folder: `bridge/${name}`,
    holds,
    may: [CONTRACT, BASE, ...may.map((other) => `bridge/${other}`)],
    packages,
    node: true,
  };
}

/** Modules of Node that only the rows naming them may import. */
const reserved = new Set(
  layers.flatMap((layer) => layer.packages.filter((name) => name.startsWith('node:'))),
);

/** The row a file belongs to: the closest listed folder above it. Parts of the bridge need a row of their own. */
export function layerOf(file: string): Layer | undefined {
  const folders = file.split('/').slice(0, -1);
  for (let depth = folders.length; depth >= 0; depth -= 1) {
    const folder = folders.slice(0, depth).join('/');
    const layer = layers.find((row) => row.folder === folder);
    if (layer === undefined) continue;
    const covers =
      layer.folder === 'test' || (folder !== '' && folder !== 'bridge') || depth === folders.length;
    return covers ? layer : undefined;
  }
  return undefined;
}

/**
 * Why a file of this row may not import that; undefined when it may.
 *
 * @param target a file of the repository, a package name, or a module of Node with its `node:`.
 */
export function trespass(layer: Layer, target: string): string | undefined {
  const own = `${layer.folder || 'the top level'} may import`;
  if (target.startsWith('node:')) {
    if (reserved.has(target) && !layer.packages.includes(target) && !layer.packages.includes('*'))
      return `${target} has its one door elsewhere`;
    return layer.node ? undefined : `${own} nothing of Node`;
  }
  if (!/\.(?:tsx?|css)$/.test(target)) {
    const listed = layer.packages.includes('*') || layer.packages.includes(target);
    return listed ? undefined : `${own} ${list(layer.packages)} of third parties`;
  }
  const other = layerOf(target);
  if (other === undefined) return `${target} is in a folder without a row in test/architecture/layers.ts`;
  if (other === layer || layer.may.includes('*')) return undefined;
  if (layer.may.includes(other.folder) || layer.may.includes(target)) return undefined;
  return `${own} ${list(layer.may)} of this repository`;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.join(', ');
}

/** The table as Markdown. */
export function markdown(): string {
  const rows = layers.map(({ folder, holds, may, packages, node }) => [
    folder === '' ? 'top level' : folder,
    holds,
    may.includes('*') ? 'everything' : shown(may),
    [packages.includes('*') ? 'any' : shown(packages), node ? '' : 'no Node'].filter(Boolean).join('; '),
  ]);
  const lines = [['folder', 'holds', 'may import', 'packages'], ['---', '---', '---', '---'], ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function shown(names: readonly string[]): string {
  return names.length === 0 ? '-' : names.map((name) => name.replace(/^bridge\//, '')).join(', ');
}

if (import.meta.main) process.stdout.write(`${markdown()}\n`);
