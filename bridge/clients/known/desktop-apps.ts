import type { FileClient, System } from './client.ts';
import { commandEntry, headers } from './entry-shapes.ts';
import {
  existingFirst,
  inAppFolder,
  inHome,
  inLocal,
  join,
  macApp,
  movedFile,
  packageFolders,
} from './places.ts';

const CLAUDE_FILE = 'claude_desktop_config.json';

/** Its remote servers go through a cloud that cannot reach this computer, so it gets a command. */
export const claudeDesktop: FileClient = {
  id: 'claude-desktop',
  name: 'Claude Desktop',
  way: 'file',
  // Packaged builds read a folder of their own, and the usual one only as long as they have written nothing.
  places: (system) =>
    existingFirst(system, [
      ...claudePackages(system).map((folder) =>
        join(system, folder, 'LocalCache', 'Roaming', 'Claude', CLAUDE_FILE),
      ),
      inAppFolder(system, 'Claude', CLAUDE_FILE),
    ]),
  signs: (system) => [
    ...macApp(system, 'Claude'),
    ...claudePackages(system),
    ...(system.platform === 'win32' ? [inLocal(system, 'AnthropicClaude')] : []),
    inAppFolder(system, 'Claude'),
  ],
  format: () => 'json',
  list: { path: ['mcpServers'] },
  doors: ['stdio'],
  stdio: commandEntry,
  takesEffect: 'restart',
  effect: 'Quit Claude Desktop fully, then open it again; closing its window is not enough.',
  bundle: (platform) => platform !== 'linux',
};

export const lmStudio: FileClient = {
  id: 'lm-studio',
  name: 'LM Studio',
  way: 'file',
  places: (system) =>
    movedFile(
      system,
      inHome(system, '.lmstudio', 'mcp.json'),
      inHome(system, '.cache', 'lm-studio', 'mcp.json'),
    ),
  signs: (system) => [
    ...macApp(system, 'LM Studio'),
    inHome(system, '.lmstudio'),
    inHome(system, '.cache', 'lm-studio'),
  ],
  format: () => 'json',
  list: { path: ['mcpServers'] },
  doors: ['http', 'stdio'],
  stdio: commandEntry,
  http: (way) => ({ url: way.url, headers: headers(way) }),
  takesEffect: 'at-once',
  effect:
    'Nothing to do: LM Studio reads its settings at once. Switch the server on in the chat you want it in.',
};

/** The publisher's mark at the end of the folder's name may change, so any of this name counts. */
function claudePackages(system: System): readonly string[] {
  return packageFolders(system, 'Claude');
}
