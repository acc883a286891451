import type { ClientId } from '../../contract/clients.ts';
import { jetbrains, junie, raycast } from './by-hand.ts';
import type { KnownClient } from './client.ts';
import { claudeDesktop, lmStudio } from './desktop-apps.ts';
import { cline, continueDev } from './editor-extensions.ts';
import { antigravity, cursor, kiro, vscode, vscodeInsiders, windsurf, zed } from './editors.ts';
import { claudeCode, codex, copilotCli, geminiCli, goose, openCode } from './terminals.ts';

/**
 * In the order in which people see them: what most of them have, first; what they set up by hand, last. A further client
 * is an entry beside its kind, a row here and in `ClientId`, its places in the table of the tests, and a folder of fixtures.
 */
const clients = {
  'claude-desktop': claudeDesktop,
  'claude-code': claudeCode,
  cursor,
  vscode,
  'vscode-insiders': vscodeInsiders,
  codex,
  gemini: geminiCli,
  'copilot-cli': copilotCli,
  windsurf,
  zed,
  antigravity,
  kiro,
  cline,
  continue: continueDev,
  opencode: openCode,
  goose,
  'lm-studio': lmStudio,
  jetbrains,
  junie,
  raycast,
} satisfies Record<ClientId, KnownClient>;

/** Every program that Gangway knows how to connect. */
export const knownClients: readonly KnownClient[] = Object.values(clients);

export function knownClient(id: ClientId): KnownClient {
  return clients[id];
}
