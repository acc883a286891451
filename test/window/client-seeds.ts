import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'jsonc-parser';
import { canary } from '../canary/canary.ts';
import { allowSecrets } from '../canary/collect.ts';
import { team } from './seeds.ts';
import type { WindowWorld } from './window-world.ts';

/** Settings as people have them: comments, a blank line, two servers of their own. */
export const CURSOR_BEFORE = `{
  // what I use at work
  "mcpServers": {
    "github": { "command": "gh-mcp", "args": [] },

    "postgres": { "command": "pg-mcp" } /* the small one */
  }
}
`;

const ZED_BEFORE = `// Zed settings
{
  "theme": "One Dark",
  "context_servers": {}
}
`;

const CODEX_BEFORE = '# models\nmodel = "gpt"\n';

/** Where an app of the described person keeps its settings. */
export function settingsOf(world: WindowWorld, ...path: readonly string[]): string {
  return join(world.person, ...path);
}

export function readSettings(world: WindowWorld, ...path: readonly string[]): string {
  return readFileSync(settingsOf(world, ...path), 'utf8');
}

/** Writes a settings file as its own program would. */
export function writeSettings(world: WindowWorld, path: readonly string[], text: string): void {
  const file = settingsOf(world, ...path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** What Cursor reads of an entry. */
interface Entry {
  readonly url: string;
  readonly headers: Record<string, string>;
}

/** An entry of Cursor's settings, with its secrets. */
export function entryIn(text: string, name: string): Entry {
  const { mcpServers }: { mcpServers: Record<string, Entry> } = parse(text);
  const found = mcpServers[name];
  if (!found) throw new Error(`There is no entry ${name}.`);
  return found;
}

/** Three apps with settings of their own, and one that the person sets up by hand. */
export async function someApps(world: WindowWorld): Promise<void> {
  writeSettings(world, ['.cursor', 'mcp.json'], CURSOR_BEFORE);
  writeSettings(world, ['.config', 'zed', 'settings.json'], ZED_BEFORE);
  writeSettings(world, ['.codex', 'config.toml'], CODEX_BEFORE);
  mkdirSync(settingsOf(world, '.config', 'JetBrains'), { recursive: true });
  await world.control.clients.list();
}

/** The team, and those apps. */
export async function teamWithApps(world: WindowWorld): Promise<void> {
  await team(world);
  await someApps(world);
}

/** Writes an entry as a person would who agrees to what is shown. */
export async function setUp(
  { control }: WindowWorld,
  client: Parameters<WindowWorld['control']['clients']['preview']>[0],
): Promise<void> {
  const { token } = await control.clients.preview(client);
  await control.clients.write({ token });
}

/** Entries in every state: written, changed by somebody, gone, and leading to an account that was removed. */
export async function appsInEveryState(world: WindowWorld): Promise<void> {
  await teamWithApps(world);
  const { control } = world;
  await setUp(world, { client: 'zed' });
  await setUp(world, { client: 'zed', address: 'shop' });
  await control.accounts.remove({ account: 'Shop' });
  await setUp(world, { client: 'cursor' });
  await setUp(world, { client: 'cursor', address: 'the-herald' });
  const changed = readSettings(world, '.cursor', 'mcp.json').replace(
    /(the-herald[^}]*Bearer )[\w-]+/,
    '$1another',
  );
  writeSettings(world, ['.cursor', 'mcp.json'], changed);
  await setUp(world, { client: 'codex' });
  writeSettings(world, ['.codex', 'config.toml'], CODEX_BEFORE);
  await control.clients.list();
}

/** An app that reaches a workspace with mcp-remote and a key in its settings, and a file that cannot be read. */
export async function foreignServers(world: WindowWorld): Promise<void> {
  const { acme, aly, keys } = await world.workspaces();
  const other = canary('bearer');
  allowForeign(world, keys.acmeMember);
  allowForeign(world, other);
  writeSettings(
    world,
    ['.cursor', 'mcp.json'],
    `${JSON.stringify(
      {
        mcpServers: {
          github: { command: 'gh-mcp', env: { GITHUB_TOKEN: other } },
          'allegro-acme': {
            command: 'npx',
            args: ['-y', 'mcp-remote', acme.url, '--header', `Authorization: Bearer ${keys.acmeMember}`],
          },
          shop: { url: aly.url },
        },
      },
      undefined,
      2,
    )}\n`,
  );
  writeSettings(world, ['.config', 'zed', 'settings.json'], '{ "context_servers": { "half');
  await world.control.clients.list();
}

/** The same, where the person has accounts at those addresses already. */
export async function foreignServersOfTeam(world: WindowWorld): Promise<void> {
  await team(world);
  await foreignServers(world);
}

/** Nearly everything Gangway knows is here; most of it is not set up. */
export async function manyApps(world: WindowWorld): Promise<void> {
  await teamWithApps(world);
  const files = [
    ['.codeium', 'windsurf', 'mcp_config.json'],
    ['.kiro', 'settings', 'mcp.json'],
    ['.gemini', 'settings.json'],
    ['.copilot', 'mcp-config.json'],
    ['.config', 'Code', 'User', 'mcp.json'],
    ['.config', 'Code - Insiders', 'User', 'mcp.json'],
  ];
  for (const path of files) writeSettings(world, path, '{}\n');
  await world.control.clients.list();
  for (const address of ['current', 'pelcro', 'operations', 'the-herald-test'])
    await setUp(world, { client: 'cursor', address });
}

/** What stood in an app's own file before stays there, and in the copy of it that is kept. */
function allowForeign({ person, paths }: WindowWorld, secret: string): void {
  const because = 'the person had it in the settings of their own app before Gangway came';
  for (const folder of [person, paths.backups]) {
    const start = `file ${folder}/`.replace(/[.+]/g, '\\$&');
    allowSecrets({ place: new RegExp(`^${start}`), because, secret });
  }
}
