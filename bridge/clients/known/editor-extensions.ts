import type { FileClient, System } from './client.ts';
import { commandEntry, headers } from './entry-shapes.ts';
import { folderOf, inAppFolder, inHome, join, movedFile } from './places.ts';

export const cline: FileClient = {
  id: 'cline',
  name: 'Cline',
  way: 'file',
  places: (system) =>
    movedFile(
      system,
      join(system, clineStore(system), 'settings', 'cline_mcp_settings.json'),
      join(system, clineStoreBefore(system), 'settings', 'cline_mcp_settings.json'),
    ),
  signs: (system) => [clineFolder(system), clineStoreBefore(system)],
  format: () => 'json',
  list: { path: ['mcpServers'] },
  doors: ['http', 'stdio'],
  stdio: commandEntry,
  // Without a type it takes the address for one of HTTP+SSE.
  http: (way) => ({ type: 'streamableHttp', url: way.url, headers: headers(way) }),
  takesEffect: 'at-once',
  effect: 'Nothing to do: Cline reads its settings at once.',
  note: 'Cline in VS Code, in JetBrains IDEs and in the terminal share this file.',
};

export const continueDev: FileClient = {
  id: 'continue',
  name: 'Continue',
  way: 'file',
  places: (system) => [inHome(system, '.continue', 'config.yaml')],
  signs: (system) => [inHome(system, '.continue')],
  format: () => 'yaml',
  list: { path: ['mcpServers'], nameField: 'name' },
  starter: 'name: Local Config\nversion: 1.0.0\nschema: v1\n',
  doors: ['http', 'stdio'],
  stdio: commandEntry,
  http: (way) => ({
    type: 'streamable-http',
    url: way.url,
    requestOptions: { headers: headers(way) },
  }),
  takesEffect: 'at-once',
  effect: 'Nothing to do: Continue reads its settings at once. Its tools are offered in agent mode only.',
};

function clineFolder(system: System): string {
  return folderOf(system, 'CLINE_DIR') ?? inHome(system, '.cline');
}

function clineStore(system: System): string {
  return folderOf(system, 'CLINE_DATA_DIR') ?? join(system, clineFolder(system), 'data');
}

/** Where it was when it was an extension of VS Code only; newer versions move the file. */
function clineStoreBefore(system: System): string {
  return inAppFolder(system, 'Code', 'User', 'globalStorage', 'saoudrizwan.claude-dev');
}
