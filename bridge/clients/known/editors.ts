import type { FileClient } from './client.ts';
import { commandEntry, headers } from './entry-shapes.ts';
import { inAppFolder, inHome, inXdgConfig, macApp, movedFile } from './places.ts';

export const cursor: FileClient = {
  id: 'cursor',
  name: 'Cursor',
  way: 'file',
  places: (system) => [inHome(system, '.cursor', 'mcp.json')],
  signs: (system) => [...macApp(system, 'Cursor'), inHome(system, '.cursor')],
  format: () => 'jsonc',
  list: { path: ['mcpServers'] },
  doors: ['http', 'stdio'],
  stdio: commandEntry,
  http: (way) => ({ url: way.url, headers: headers(way) }),
  takesEffect: 'reload',
  effect: 'In the settings of Cursor, under MCP, switch the server on; restart Cursor if it is not listed.',
};

export const vscode = visualStudioCode({
  id: 'vscode',
  name: 'VS Code',
  folder: 'Code',
  extensions: '.vscode',
  app: 'Visual Studio Code',
});

export const vscodeInsiders = visualStudioCode({
  id: 'vscode-insiders',
  name: 'VS Code Insiders',
  folder: 'Code - Insiders',
  extensions: '.vscode-insiders',
  app: 'Visual Studio Code - Insiders',
});

export const windsurf: FileClient = {
  id: 'windsurf',
  name: 'Windsurf',
  way: 'file',
  places: (system) => [inHome(system, '.codeium', 'windsurf', 'mcp_config.json')],
  signs: (system) => [...macApp(system, 'Windsurf'), inHome(system, '.codeium', 'windsurf')],
  format: () => 'json',
  list: { path: ['mcpServers'] },
  doors: ['http', 'stdio'],
  stdio: commandEntry,
  // It does not connect to a `url`.
  http: (way) => ({ serverUrl: way.url, headers: headers(way) }),
  takesEffect: 'reload',
  effect: 'Press Refresh in the MCP panel of Windsurf, or restart Windsurf.',
};

export const zed: FileClient = {
  id: 'zed',
  name: 'Zed',
  way: 'file',
  places: (system) => {
    switch (system.platform) {
      case 'darwin':
        return [inHome(system, '.config', 'zed', 'settings.json')];
      case 'linux':
        return [inXdgConfig(system, 'zed', 'settings.json')];
      case 'win32':
        return [inAppFolder(system, 'Zed', 'settings.json')];
      default:
        return system.platform satisfies never;
    }
  },
  signs: (system) => [
    ...macApp(system, 'Zed'),
    inAppFolder(system, system.platform === 'linux' ? 'zed' : 'Zed'),
    ...(system.platform === 'darwin' ? [inHome(system, '.config', 'zed')] : []),
  ],
  format: () => 'jsonc',
  list: { path: ['context_servers'] },
  doors: ['http', 'stdio'],
  stdio: commandEntry,
  http: (way) => ({ url: way.url, headers: headers(way) }),
  takesEffect: 'at-once',
  effect: 'Nothing to do: Zed reads its settings at once.',
};

export const antigravity: FileClient = {
  id: 'antigravity',
  name: 'Antigravity',
  way: 'file',
  // Version 2 moved it, and ignores the file that it leaves at the old place.
  places: (system) =>
    movedFile(
      system,
      inHome(system, '.gemini', 'config', 'mcp_config.json'),
      inHome(system, '.gemini', 'antigravity', 'mcp_config.json'),
    ),
  signs: (system) => [
    ...macApp(system, 'Antigravity'),
    inHome(system, '.gemini', 'antigravity'),
    inHome(system, '.gemini', 'antigravity-cli'),
    inHome(system, '.gemini', 'config', 'mcp_config.json'),
  ],
  format: () => 'json',
  list: { path: ['mcpServers'] },
  doors: ['http', 'stdio'],
  stdio: commandEntry,
  // It does not connect to a `url`.
  http: (way) => ({ serverUrl: way.url, headers: headers(way) }),
  takesEffect: 'reload',
  effect: 'Press Refresh under Manage MCP Servers in Antigravity, or restart Antigravity.',
  note: 'Its editor and its command line share this file.',
};

export const kiro: FileClient = {
  id: 'kiro',
  name: 'Kiro',
  way: 'file',
  places: (system) => [inHome(system, '.kiro', 'settings', 'mcp.json')],
  signs: (system) => [...macApp(system, 'Kiro'), inHome(system, '.kiro')],
  format: () => 'json',
  list: { path: ['mcpServers'] },
  doors: ['http', 'stdio'],
  stdio: commandEntry,
  http: (way) => ({ url: way.url, headers: headers(way) }),
  takesEffect: 'at-once',
  effect: 'Nothing to do: Kiro reads its settings at once. Start a new session in its command line.',
  note: 'Its editor and its command line share this file.',
};

/**
 * It also takes the address of a socket or a pipe (`unix:///path#/mcp`), which would keep the token out of its file. The
 * bridge has no HTTP door on a socket, so it gets the plain address.
 */
function visualStudioCode(its: {
  readonly id: 'vscode' | 'vscode-insiders';
  readonly name: string;
  readonly folder: string;
  readonly extensions: string;
  readonly app: string;
}): FileClient {
  return {
    id: its.id,
    name: its.name,
    way: 'file',
    places: (system) => [inAppFolder(system, its.folder, 'User', 'mcp.json')],
    signs: (system) => [
      ...macApp(system, its.app),
      inAppFolder(system, its.folder),
      inHome(system, its.extensions),
    ],
    format: () => 'jsonc',
    list: { path: ['servers'] },
    doors: ['http', 'stdio'],
    stdio: (way) => ({ type: 'stdio', ...commandEntry(way) }),
    http: (way) => ({ type: 'http', url: way.url, headers: headers(way) }),
    takesEffect: 'at-once',
    effect: `In ${its.name} run "MCP: List Servers", choose the server, start it and confirm that you trust it.`,
    note: 'This is the file of the default profile; other profiles have one of their own.',
  };
}
