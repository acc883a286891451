import type { HandClient } from './client.ts';
import { inAppFolder, inHome, macApp, packageFolders } from './places.ts';

/** No file of it is documented. */
export const jetbrains: HandClient = {
  id: 'jetbrains',
  name: 'JetBrains AI Assistant',
  way: 'by-hand',
  signs: (system) => [inAppFolder(system, 'JetBrains')],
  doors: ['stdio', 'http'],
  takesEffect: 'at-once',
  effect: 'Press Apply in the settings of the IDE.',
  note: 'In the IDE open Settings > Tools > AI Assistant > Model Context Protocol (MCP), press Add and paste it as JSON.',
};

/** Its help knows servers that are started by a command only, and does not say when it reads its file again. */
export const junie: HandClient = {
  id: 'junie',
  name: 'Junie',
  way: 'by-hand',
  signs: (system) => [inHome(system, '.junie')],
  doors: ['stdio'],
  takesEffect: 'reload',
  effect: 'Save the file; restart the IDE if Junie does not list the server.',
  note: 'In the IDE open Settings > Tools > Junie > MCP Settings, press Add and paste it into the file that opens.',
};

/** No file of it is documented. */
export const raycast: HandClient = {
  id: 'raycast',
  name: 'Raycast',
  way: 'by-hand',
  signs: (system) => [
    ...macApp(system, 'Raycast'),
    ...(system.platform === 'darwin' ? [inAppFolder(system, 'com.raycast.macos')] : []),
    ...packageFolders(system, 'Raycast.Raycast'),
  ],
  doors: ['stdio', 'http'],
  takesEffect: 'at-once',
  effect: 'Nothing more to do: Raycast uses the server at once; mention it with @ in AI Chat.',
  note: 'In Raycast run the command "Install MCP Server" and fill in the form: the name, and the command with its arguments.',
};
