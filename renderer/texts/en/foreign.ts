import type { ForeignEntry } from '#contract/clients.ts';
import { plural } from '../plural.ts';

/** Servers that apps reach without Gangway, and how they come here. */
export const foreign = {
  title: 'Already connected without Gangway?',
  text: 'Gangway can look into the settings of your apps for workspaces that they reach on their own, and bring them here.',
  privacy: 'Their settings files are opened only when you ask for it.',
  macOnce: 'macOS may ask you once per app.',
  look: 'Look in my apps',
  again: 'Look again',
  looking: 'Looking into the settings of your apps…',
  found: (count: number) => `${plural(count, 'server', 'servers')} that your apps reach without Gangway`,
  none: 'Your apps reach no workspace without Gangway.',
  unread: (count: number) => `${plural(count, 'file', 'files')} could not be read`,
  in: (app: string) => `in ${app}`,
  by: {
    'mcp-remote': 'uses mcp-remote',
    address: 'by its own address',
  } satisfies Record<ForeignEntry['by'], string>,
  headers: (names: readonly string[]) => `sends ${names.join(', ')}`,
  oauth: 'signs in with the browser',
  known: (account: string) => `You have ${account} at the same address`,
  bring: 'Bring it here',
  bringOf: (entry: string, app: string) => `Bring ${entry} of ${app} here`,
  // The dialog
  name: 'Name of the account',
  nameHelp: 'As Gangway lists it. You can change it at any time.',
  nameMissing: 'Enter a name.',
  server: 'Server',
  app: 'App',
  secret: 'What it sends',
  secretText: (names: readonly string[]) =>
    `${names.join(', ')}: ${names.length === 1 ? 'its value moves' : 'their values move'} out of the file, and Gangway seals ${names.length === 1 ? 'it' : 'them'}.`,
  secretGoes: (names: readonly string[]) =>
    `${names.join(', ')}: goes out of the file. The account has its own sign-in.`,
  signIn: 'Sign-in',
  signInText: 'Gangway signs in on its own, so you sign in once more after this.',
  account: 'Account',
  ownAccount: 'Add an account for it',
  ownAccountHelp: 'Right when it may be another person, or another key. You can remove it later.',
  sameAccount: (label: string) => `Use ${label}, which you have already`,
  sameAccountHelp: 'Only when it is the same person: every call of this app goes out as that account then.',
  nothingSecret: 'Nothing secret',
  done: (entry: string) => `${entry} was brought here`,
  next: 'What is left to do',
  signInNow: (label: string) => `Sign in to ${label}`,
  openAccount: 'Open the account',
};
