import type { FileClient, System } from './client.ts';
import { commandEntry, headers } from './entry-shapes.ts';
import { existingFirst, folderOf, inHome, inRoaming, inXdgConfig, join } from './places.ts';

export const claudeCode: FileClient = {
  id: 'claude-code',
  name: 'Claude Code',
  way: 'file',
  places: (system) => {
    const moved = folderOf(system, 'CLAUDE_CONFIG_DIR');
    // The file of its first versions, which it goes on with where it is.
    const first = join(system, moved ?? inHome(system, '.claude'), '.config.json');
    return [system.exists(first) ? first : join(system, moved ?? system.home, '.claude.json')];
  },
  signs: (system) => {
    const moved = folderOf(system, 'CLAUDE_CONFIG_DIR');
    return moved === undefined ? [inHome(system, '.claude.json'), inHome(system, '.claude')] : [moved];
  },
  format: () => 'json',
  list: { path: ['mcpServers'] },
  doors: ['http', 'stdio'],
  stdio: (way) => ({ type: 'stdio', ...commandEntry(way) }),
  http: (way) => ({ type: 'http', url: way.url, headers: headers(way) }),
  takesEffect: 'new-session',
  effect: 'Start a new session of Claude Code; /mcp shows the server.',
  note: 'Claude Code writes this file while it runs. The server is there in every project.',
};

export const codex: FileClient = {
  id: 'codex',
  name: 'Codex',
  way: 'file',
  places: (system) => [join(system, codexFolder(system), 'config.toml')],
  signs: (system) => [codexFolder(system)],
  format: () => 'toml',
  list: { path: ['mcp_servers'] },
  doors: ['http', 'stdio'],
  stdio: commandEntry,
  // It says nothing about `headers`, and sends none of them.
  http: (way) => ({ url: way.url, http_headers: headers(way) }),
  takesEffect: 'new-session',
  effect: 'Start a new session of Codex; restart its editor extension or desktop app if you use one.',
  note: 'Codex in the terminal, its editor extension and the ChatGPT desktop app share this file.',
};

export const geminiCli: FileClient = {
  id: 'gemini',
  name: 'Gemini CLI',
  way: 'file',
  places: (system) => [join(system, geminiFolder(system), 'settings.json')],
  // Antigravity has its files below the same folder, so the folder alone says nothing.
  signs: (system) =>
    ['settings.json', 'oauth_creds.json', 'installation_id'].map((file) =>
      join(system, geminiFolder(system), file),
    ),
  format: () => 'jsonc',
  list: { path: ['mcpServers'] },
  doors: ['http', 'stdio'],
  stdio: commandEntry,
  // Older versions call it `httpUrl`, which 0.61 still takes, with a warning.
  http: (way) => ({ url: way.url, type: 'http', headers: headers(way) }),
  takesEffect: 'reload',
  effect: 'Type /mcp reload in Gemini CLI, or start it again.',
  note: 'Gemini CLI starts no server in a folder that it was not told to trust.',
};

export const copilotCli: FileClient = {
  id: 'copilot-cli',
  name: 'GitHub Copilot CLI',
  way: 'file',
  places: (system) => [join(system, copilotFolder(system), 'mcp-config.json')],
  // Copilot in editors keeps its instructions in the same folder.
  signs: (system) =>
    ['mcp-config.json', 'config.json', 'settings.json'].map((file) =>
      join(system, copilotFolder(system), file),
    ),
  format: () => 'jsonc',
  list: { path: ['mcpServers'] },
  doors: ['http', 'stdio'],
  stdio: (way) => ({ type: 'local', ...commandEntry(way), tools: ['*'] }),
  http: (way) => ({ type: 'http', url: way.url, headers: headers(way), tools: ['*'] }),
  takesEffect: 'new-session',
  effect: 'Start a new session of Copilot CLI; /mcp show lists the server.',
};

export const openCode: FileClient = {
  id: 'opencode',
  name: 'OpenCode',
  way: 'file',
  // It reads both and lets the first win; with neither there it makes the second itself.
  places: (system) => {
    const withComments = inXdgConfig(system, 'opencode', 'opencode.jsonc');
    const plain = inXdgConfig(system, 'opencode', 'opencode.json');
    return system.exists(withComments) ? existingFirst(system, [withComments, plain]) : [plain];
  },
  signs: (system) => [inXdgConfig(system, 'opencode'), inHome(system, '.local', 'share', 'opencode')],
  format: () => 'jsonc',
  list: { path: ['mcp'] },
  doors: ['http', 'stdio'],
  stdio: ({ command, args }) => ({ type: 'local', command: [command, ...args] }),
  http: (way) => ({ type: 'remote', url: way.url, headers: headers(way) }),
  takesEffect: 'restart',
  effect: 'Quit OpenCode and start it again.',
};

export const goose: FileClient = {
  id: 'goose',
  name: 'Goose',
  way: 'file',
  places: (system) => [join(system, gooseFolder(system), 'config.yaml')],
  signs: (system) => [gooseFolder(system)],
  format: () => 'yaml',
  list: { path: ['extensions'] },
  doors: ['http', 'stdio'],
  stdio: ({ command, args }, name) => ({
    enabled: true,
    type: 'stdio',
    name,
    description: GOOSE_DESCRIPTION,
    cmd: command,
    args,
    envs: {},
    timeout: GOOSE_TIMEOUT_S,
  }),
  http: (way, name) => ({
    enabled: true,
    type: 'streamable_http',
    name,
    description: GOOSE_DESCRIPTION,
    uri: way.url,
    envs: {},
    headers: headers(way),
    timeout: GOOSE_TIMEOUT_S,
  }),
  takesEffect: 'new-session',
  effect: 'Start a new session of Goose.',
  note: 'Goose in the terminal and its desktop app share this file.',
};

/** Some versions leave out an extension without one. */
const GOOSE_DESCRIPTION = 'MCP workspaces by way of Gangway';
/** What Goose itself writes. */
const GOOSE_TIMEOUT_S = 300;

function codexFolder(system: System): string {
  return folderOf(system, 'CODEX_HOME') ?? inHome(system, '.codex');
}

/** The variable names another home folder, not the folder itself. */
function geminiFolder(system: System): string {
  return join(system, folderOf(system, 'GEMINI_CLI_HOME') ?? system.home, '.gemini');
}

function copilotFolder(system: System): string {
  return folderOf(system, 'COPILOT_HOME') ?? inHome(system, '.copilot');
}

function gooseFolder(system: System): string {
  return system.platform === 'win32'
    ? inRoaming(system, 'Block', 'goose', 'config')
    : inXdgConfig(system, 'goose');
}
