import { accountRows, fieldRows, linkRows } from './rows-accounts.ts';
import { httpDoorRows, jsonRpcRows, stdioRows } from './rows-doors.ts';
import { processRows, safetyRows, storageRows } from './rows-machine.ts';
import { oauthRows } from './rows-oauth.ts';
import { answerRows, networkRows, statusRows, streamRows } from './rows-upstream.ts';
import type { Section } from './section.ts';

/** The catalogue of bad input and faults. */
export const sections: readonly Section[] = [
  { letter: 'A', title: 'JSON-RPC', rows: jsonRpcRows },
  { letter: 'B', title: 'stdio', rows: stdioRows },
  { letter: 'C', title: 'what a person enters', rows: fieldRows },
  { letter: 'D', title: 'the HTTP door', rows: httpDoorRows },
  { letter: 'E', title: 'workspaces', rows: { ...answerRows, ...statusRows, ...streamRows, ...networkRows } },
  { letter: 'F', title: 'OAuth', rows: oauthRows },
  { letter: 'G', title: 'accounts', rows: accountRows },
  { letter: 'H', title: 'links and messages', rows: linkRows },
  { letter: 'I', title: 'keychain and files', rows: storageRows },
  { letter: 'J', title: 'processes, power, clocks', rows: processRows },
  { letter: 'K', title: 'secrets and agents', rows: safetyRows },
];
