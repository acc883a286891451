import { readdirSync, readFileSync } from 'node:fs';
import { posix, win32 } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { FileClient, System } from '#bridge/clients/known/client.ts';
import { knownClient, knownClients } from '#bridge/clients/known/table.ts';
import { ClientId } from '#contract/clients.ts';
import { type Description, described } from './described.ts';
import { expectedPlaces } from './expected-places.ts';

const platforms = ['darwin', 'linux', 'win32'] as const;
const PACKAGE = 'C:\\Users\\ada\\AppData\\Local\\Packages\\Claude_pzs8sxrjxfjjc';
const PACKAGED = `${PACKAGE}\\LocalCache\\Roaming\\Claude\\claude_desktop_config.json`;
const CLASSIC = 'C:\\Users\\ada\\AppData\\Roaming\\Claude\\claude_desktop_config.json';

test('every client is known once, under its own id', () => {
  expect(knownClients.map(({ id }) => id).sort()).toEqual([...ClientId.options].sort());
  for (const id of ClientId.options) expect(knownClient(id).id).toBe(id);
  expect(new Set(knownClients.map(({ name }) => name)).size).toBe(knownClients.length);
});

test('people see the most used client first and those set up by hand last', () => {
  const ways = knownClients.map(({ way }) => way);
  expect(knownClients[0]?.id).toBe('claude-desktop');
  expect(ways.lastIndexOf('file')).toBeLessThan(ways.indexOf('by-hand'));
});

describe.each(platforms)('on %s', (platform) => {
  test.each(ClientId.options)('%s has its file, and what shows it, in the expected places', (id) => {
    const system = described(platform);
    const client = knownClient(id);
    const expected = expectedPlaces[id][platform];
    const places = client.way === 'file' ? client.places(system) : [];
    expect(places).toEqual(expected.places.map((place) => spelled(place, system)));
    expect(client.signs(system)).toEqual(expected.signs.map((sign) => spelled(sign, system)));
  });

  test.each(ClientId.options)('looking for %s asks about absolute paths of that system only', (id) => {
    const { isAbsolute, normalize } = platform === 'win32' ? win32 : posix;
    const system = described(platform);
    const client = knownClient(id);
    const named = [...client.signs(system), ...(client.way === 'file' ? client.places(system) : [])];
    const all = [...named, ...system.asked.exists, ...system.asked.names];
    expect(all.filter((path) => !isAbsolute(path) || normalize(path) !== path)).toEqual([]);
    expect(system.asked.names.every((folder) => folder.endsWith('\\Packages'))).toBe(true);
    expect(platform === 'win32' || system.asked.names.length === 0).toBe(true);
  });
});

test('nothing in the table can open a file: only the running system looks, and only for names', () => {
  const folder = fileURLToPath(new URL('../../../bridge/clients/known/', import.meta.url));
  const imports = readdirSync(folder).flatMap((file) =>
    [...readFileSync(folder + file, 'utf8').matchAll(/import (.*?) from '(node:[\w/]+)'/gs)].map(
      ([, names, from]) => `${file}: ${names} from ${from}`,
    ),
  );
  expect(imports.sort()).toEqual([
    'entry-name.ts: { createHash } from node:crypto',
    'places.ts: { posix, win32 } from node:path',
    'system.ts: { existsSync, readdirSync } from node:fs',
    'system.ts: { homedir } from node:os',
  ]);
});

describe('Claude Desktop on Windows', () => {
  test.each<[string, string[], string[]]>([
    ['only the classic one', [CLASSIC], [CLASSIC]],
    ['only the packaged one', [PACKAGED], [PACKAGED, CLASSIC]],
    ['both, the packaged one first', [CLASSIC, PACKAGED], [PACKAGED, CLASSIC]],
    ['a package that has no file yet, and a classic one', [`${PACKAGE}\\x`, CLASSIC], [CLASSIC, PACKAGED]],
    ['a package that has no file yet, and no classic one', [`${PACKAGE}\\x`], [PACKAGED, CLASSIC]],
    [
      'packages of other names beside it',
      [
        `${PACKAGE.replace('Claude_', 'ClaudeNotes_')}\\x`,
        `${PACKAGE.replace('Claude_', 'Acme.Claude_')}\\x`,
      ],
      [CLASSIC],
    ],
  ])('CF-13 the places are those of %s', (_, files, expected) => {
    expect(places('claude-desktop', 'win32', { files })).toEqual(expected);
  });

  test('CF-13 a package is found by its name, whoever published it and however it is capitalised', () => {
    const other = PACKAGED.replace('Claude_pzs8sxrjxfjjc', 'claude_0123456789abc');
    expect(places('claude-desktop', 'win32', { files: [other] })).toEqual([other, CLASSIC]);
    expect(knownClient('claude-desktop').signs(described('win32', { files: [PACKAGED] }))).toContain(PACKAGE);
  });
});

describe('a file that moved with a newer version', () => {
  test.each<[ClientId, string, string]>([
    [
      'antigravity',
      '/home/ada/.gemini/config/mcp_config.json',
      '/home/ada/.gemini/antigravity/mcp_config.json',
    ],
    ['lm-studio', '/home/ada/.lmstudio/mcp.json', '/home/ada/.cache/lm-studio/mcp.json'],
    [
      'cline',
      '/home/ada/.cline/data/settings/cline_mcp_settings.json',
      '/home/ada/.config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json',
    ],
  ])('%s: the new place is used unless only the old one has a file', (id, now, before) => {
    expect(places(id, 'linux', {})).toEqual([now]);
    expect(places(id, 'linux', { files: [now] })).toEqual([now]);
    expect(places(id, 'linux', { files: [before] })).toEqual([before, now]);
    expect(places(id, 'linux', { files: [before, now] })).toEqual([now, before]);
  });

  test('Claude Code goes on with the file of its first versions where it is', () => {
    const first = '/home/ada/.claude/.config.json';
    expect(places('claude-code', 'linux', { files: [first, '/home/ada/.claude.json'] })).toEqual([first]);
    const environment = { CLAUDE_CONFIG_DIR: '/srv/claude' };
    const moved = '/srv/claude/.config.json';
    expect(places('claude-code', 'linux', { files: [moved], environment })).toEqual([moved]);
  });

  test('OpenCode: opencode.jsonc comes first where it is', () => {
    const folder = '/home/ada/.config/opencode/';
    const [jsonc, json] = [`${folder}opencode.jsonc`, `${folder}opencode.json`];
    expect(places('opencode', 'linux', { files: [json] })).toEqual([json]);
    expect(places('opencode', 'linux', { files: [json, jsonc] })).toEqual([jsonc, json]);
    expect(places('opencode', 'linux', { files: [jsonc] })).toEqual([jsonc, json]);
  });
});

describe('a variable that moves a folder', () => {
  test.each<[ClientId, System['platform'], string, string]>([
    ['claude-code', 'linux', 'CLAUDE_CONFIG_DIR', '/srv/moved/.claude.json'],
    ['codex', 'darwin', 'CODEX_HOME', '/srv/moved/config.toml'],
    ['gemini', 'linux', 'GEMINI_CLI_HOME', '/srv/moved/.gemini/settings.json'],
    ['copilot-cli', 'linux', 'COPILOT_HOME', '/srv/moved/mcp-config.json'],
    ['cline', 'linux', 'CLINE_DIR', '/srv/moved/data/settings/cline_mcp_settings.json'],
    ['cline', 'linux', 'CLINE_DATA_DIR', '/srv/moved/settings/cline_mcp_settings.json'],
    ['claude-desktop', 'linux', 'XDG_CONFIG_HOME', '/srv/moved/Claude/claude_desktop_config.json'],
    ['vscode', 'linux', 'XDG_CONFIG_HOME', '/srv/moved/Code/User/mcp.json'],
    ['zed', 'linux', 'XDG_CONFIG_HOME', '/srv/moved/zed/settings.json'],
    ['goose', 'linux', 'XDG_CONFIG_HOME', '/srv/moved/goose/config.yaml'],
    ['goose', 'darwin', 'XDG_CONFIG_HOME', '/srv/moved/goose/config.yaml'],
    ['opencode', 'darwin', 'XDG_CONFIG_HOME', '/srv/moved/opencode/opencode.json'],
  ])('%s on %s follows %s', (id, platform, variable, expected) => {
    const usual = places(id, platform, {});
    expect(places(id, platform, { environment: { [variable]: '/srv/moved' } })).toEqual([expected]);
    expect(usual).not.toEqual([expected]);
    for (const none of ['', '  ', 'moved', './moved', '~/moved']) {
      expect(places(id, platform, { environment: { [variable]: none } })).toEqual(usual);
    }
  });

  test.each<[ClientId, string]>([
    ['zed', '/Users/ada/.config/zed/settings.json'],
    ['vscode', '/Users/ada/Library/Application Support/Code/User/mcp.json'],
  ])('%s on macOS does not look at XDG_CONFIG_HOME', (id, expected) => {
    expect(places(id, 'darwin', { environment: { XDG_CONFIG_HOME: '/srv/moved' } })).toEqual([expected]);
  });

  test('its folder is the sign of the client, too', () => {
    const environment = { CLAUDE_CONFIG_DIR: '/srv/claude', CODEX_HOME: '/srv/codex' };
    const system = described('linux', { environment });
    expect(knownClient('claude-code').signs(system)).toEqual(['/srv/claude']);
    expect(knownClient('codex').signs(system)).toEqual(['/srv/codex']);
  });

  test('APPDATA and LOCALAPPDATA: as they say; without them below the home folder', () => {
    const usual = 'C:\\Users\\ada\\AppData\\Roaming\\Code\\User\\mcp.json';
    expect(places('vscode', 'win32', { environment: { APPDATA: 'D:\\Profile' } })).toEqual([
      'D:\\Profile\\Code\\User\\mcp.json',
    ]);
    expect(places('vscode', 'win32', { environment: { APPDATA: '\\\\server\\home\\ada' } })).toEqual([
      '\\\\server\\home\\ada\\Code\\User\\mcp.json',
    ]);
    for (const none of ['', 'Roaming', '\\Roaming', '/Roaming', 'D:Roaming']) {
      expect(places('vscode', 'win32', { environment: { APPDATA: none } })).toEqual([usual]);
    }
    expect(places('claude-desktop', 'win32', { environment: {}, files: [PACKAGED] })).toEqual([
      PACKAGED,
      CLASSIC,
    ]);
  });
});

describe('what is told about a client', () => {
  test.each(knownClients.map((client) => [client.id, client] as const))('%s', (_, client) => {
    expect(client.effect).toMatch(/^[A-Z].*\.$/);
    expect(client.effect.length).toBeLessThan(120);
    expect(client.doors.length).toBeGreaterThan(0);
    if (client.note !== undefined) expect(client.note).toMatch(/^[A-Z].*\.$/);
  });

  test('Claude Desktop takes commands only, and opens bundles on macOS and Windows', () => {
    const client = fileClient('claude-desktop');
    expect(client.doors).toEqual(['stdio']);
    expect(platforms.map((platform) => client.bundle?.(platform))).toEqual([true, false, true]);
    const others = knownClients.filter(({ id }) => id !== 'claude-desktop');
    expect(others.filter((other) => other.way === 'file' && other.bundle)).toEqual([]);
  });

  test('every other client with a file uses the address first, and each door has its entry', () => {
    for (const client of knownClients) {
      if (client.way !== 'file') continue;
      if (client.id !== 'claude-desktop') expect(client.doors).toEqual(['http', 'stdio']);
      expect(client.stdio !== undefined).toBe(client.doors.includes('stdio'));
      expect(client.http !== undefined).toBe(client.doors.includes('http'));
    }
  });
});

function fileClient(id: ClientId): FileClient {
  const client = knownClient(id);
  if (client.way !== 'file') throw new TypeError(`${id} has no file`);
  return client;
}

function places(id: ClientId, platform: System['platform'], its: Description): readonly string[] {
  return fileClient(id).places(described(platform, its));
}

function spelled(path: string, { home, environment }: System): string {
  return path
    .replace(/^~/, () => home)
    .replace(/^%(\w+)%/, (_, variable: string) => environment[variable] ?? '');
}
