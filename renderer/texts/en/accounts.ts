import { plural } from '../plural.ts';

export const accounts = {
  title: 'Accounts',
  lead: 'Your access to each workspace. Apps follow the account in use; pinned addresses always keep theirs.',
  add: 'Add account',
  emptyTitle: 'No account yet',
  emptyText:
    'Add your first workspace. Its key or sign-in goes to the keychain of this computer and nowhere else.',
  emptyAction: 'Add your first workspace',
  ready: (tools: number) => `Ready, ${plural(tools, 'tool', 'tools')}`,
  readyUnchecked: 'Ready',
  signingIn: 'Signing in',
  waitingForYou: 'Waiting for you in the browser',
  asking: 'The sign-in waits for your answer',
  current: 'In use',
  active: (connector: string) => `Answers for ${connector}`,
  actingAs: (user: string) => `Acting as ${user}`,
  readOnly: 'Read-only',
  use: 'Use',
  switchTo: (label: string) => `Use ${label}`,
  noneInUse: 'No account is in use',
  noneInUseText: 'Apps that follow the account in use reach nothing now. Choose one with “Use”.',
  isGone: (label: string) => `${label} was removed meanwhile, so there is nothing to go back to.`,
  moreFor: (label: string) => `More for ${label}`,
  details: 'Details',
  test: 'Test now',
  tested: (label: string) => `${label} works`,
  signIn: 'Sign in',
  signInAgain: 'Sign in again',
  othersWork: 'Your other accounts keep working meanwhile.',
  continueSignIn: 'Continue sign-in',
  addAgain: 'Add it again',
  fixOf: (fix: string, label: string) => `${fix}: ${label}`,
  signInTo: (label: string) => `Sign in to ${label}`,
  signOut: 'Sign out',
  signOutTitle: (label: string) => `Sign out of ${label}?`,
  signOutText:
    'The saved sign-in is forgotten here at once and the provider is told. The account stays in the list; apps that use it get a clear message until you sign in again.',
  signedOut: (label: string) => `Signed out of ${label}`,
  replaceKey: 'Replace key',
  replaceKeyTitle: (label: string) => `Replace the key of ${label}`,
  replaceKeyText: 'The new key is tried first. The old one stays in use unless the new one works.',
  newKey: 'New key',
  keyReplaced: (label: string) => `The key of ${label} was replaced`,
  rename: 'Name and colour',
  renameTitle: 'Name and colour',
  renameText: 'How you tell it apart. Apps notice nothing, and its address stays as it is.',
  renamedAs: (label: string) => `Another account has that name, so this one is ${label}`,
  label: 'Name',
  color: 'Colour',
  environment: 'Environment',
  remove: 'Remove…',
  removeTitle: (label: string) => `Remove ${label}?`,
  removeText: (what: {
    kind: 'oauth' | 'key' | 'none';
    isCurrent: boolean;
    sessions: number;
    pinned: number;
  }) =>
    [
      removed[what.kind],
      what.sessions > 0
        ? `${plural(what.sessions, 'connected app uses', 'connected apps use')} it right now and will get a clear message.`
        : '',
      what.pinned > 0
        ? `${plural(what.pinned, 'access token leads', 'access tokens lead')} to it alone and will find nothing there.`
        : '',
      what.isCurrent ? 'No account is in use then, until you choose one.' : '',
      'Lines in the activity log stay.',
    ]
      .filter((part) => part !== '')
      .join(' '),
  removeConfirm: 'Remove',
  removed: (label: string) => `${label} was removed`,
  switched: (label: string) => `${label} is in use now`,
  following: (clients: readonly string[], before: string | undefined) =>
    before === undefined
      ? `${list(clients)} use it from the next call.`
      : `${list(clients)}: open calls end on ${before}; new calls use this account.`,
  mayNeedReload: (clients: readonly string[]) =>
    clients.length === 1
      ? `If ${list(clients)} still shows the old tools, restart it.`
      : `If ${list(clients)} still show the old tools, restart them.`,
  notAffected: (clients: readonly string[]) => `Not affected, because pinned: ${list(clients)}.`,
  signInAndSwitch: 'Sign in and switch',
  // Signing in
  signInSteps: 'Steps of the sign-in',
  signInStep: {
    discovering: 'Find out where to sign in',
    waiting: 'Sign in and allow access in the browser',
    identity: 'Learn who you are and save it',
  },
  openPage: (host: string) => `Sign in at ${host} in your browser, then come back. This goes on by itself.`,
  pageIsOpen: (host: string) =>
    `The page of ${host} is open in your browser. This goes on by itself when you are done there.`,
  notOpened: 'Your browser could not be opened. Copy the link and open it there yourself.',
  openAt: (host: string) => `Open ${host}`,
  openAgain: 'Open the page again',
  copyLink: 'Copy link',
  timeLeft: (seconds: number) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} left`,
  startAgain: 'Start again',
  cancelSignIn: 'Cancel sign-in',
  signInCancelled: 'The sign-in was cancelled. Nothing of it is kept.',
  signInLost: 'Gangway was started again meanwhile, and this sign-in ended with it. Nothing of it is kept.',
  signedInAs: (who: string) => `Signed in as ${who}.`,
  signedInTo: (label: string) => `Signed in to ${label}`,
  asks: (label: string) => `The sign-in to ${label} waits for your answer`,
  answer: 'Answer',
};

const removed = {
  oauth: 'The account and its saved sign-in are removed from this computer, and the provider is told.',
  key: 'The account and its saved key are removed from this computer. The key itself stays valid at the provider until you revoke it there.',
  none: 'The account is removed from this computer. It has no key and no sign-in.',
};

function list(names: readonly string[]): string {
  return new Intl.ListFormat('en').format(names);
}
