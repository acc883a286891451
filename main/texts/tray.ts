import type { Environment } from '#contract/account.ts';
import type { ConnectorId } from '#contract/connector.ts';
import type { BridgeStatus } from '#contract/control.ts';

const rules = new Intl.PluralRules('en');

/** A number with its word: `3 accounts`. */
function plural(count: number, one: string, other: string): string {
  return `${count} ${rules.select(count) === 'one' ? one : other}`;
}

/** English texts of the tray. Names that come in are safe to show already. */
const en = {
  app: 'Gangway',
  connector: {
    allegro: 'Allegro',
    pelcro: 'Pelcro',
    allv: 'allv',
    aly: 'Aly',
    custom: 'Other MCP server',
  } satisfies Record<ConnectorId, string>,
  environment: {
    production: 'production',
    staging: 'STAGING',
    development: 'DEVELOPMENT',
  } satisfies Record<Environment, string>,

  status: {
    starting: 'Starting…',
    ready: 'Ready',
    readyReadOnly: 'Ready, read-only',
    noAccounts: 'No account yet',
    offline: 'Offline',
    offlineSince: (time: string) => `Offline since ${time}`,
    lost: 'Gangway does not answer',
    lostSince: (time: string) => `Gangway does not answer since ${time}`,
    paused: 'Paused until you resume',
    pausedUntil: (time: string) => `Paused until ${time}`,
    accountsReady: (count: number) => `${plural(count, 'account', 'accounts')} ready`,
    needSignIn: (count: number) => `${count} ${rules.select(count) === 'one' ? 'needs' : 'need'} sign-in`,
    needKey: (count: number) => `${count} ${rules.select(count) === 'one' ? 'needs' : 'need'} a new key`,
    locked: (count: number) => `${count} locked`,
    signedOut: (count: number) => `${count} signed out`,
    signingIn: (count: number) => `${count} signing in`,
    troubled: (count: number) => `${count} in trouble`,
  },

  health: {
    ready: 'ready',
    readOnly: 'read-only',
    tools: (count: number) => plural(count, 'tool', 'tools'),
    unchecked: 'not checked yet',
    wider: 'a permission is missing',
    'signing-in': 'signing in',
    'sign-in-needed': 'sign-in needed',
    signedOut: 'signed out',
    keyRefused: 'key refused',
    locked: 'locked',
    offline: 'offline',
    blocked: 'refused',
    misconfigured: 'set up wrongly at its server',
    unsaved: 'signed in, not saved',
  },

  attention: {
    signIn: (name: string) => `${name}: sign in…`,
    signInAgain: (name: string) => `${name}: sign in again…`,
    signInQuestion: (name: string) => `${name}: answer a question to sign in…`,
    signInWaiting: (name: string) => `${name}: finish signing in…`,
    enterKey: (name: string) => `${name}: replace the key…`,
    addAgain: (name: string) => `${name}: asks for a sign-in…`,
    wider: (name: string, scope: string) => `${name}: allow ${scope}…`,
    support: (name: string) => `${name}: see what is wrong…`,
    vault: {
      locked: 'Unlock the keychain…',
      denied: 'Allow Gangway in the keychain…',
      absent: 'No keychain found: try again…',
      empty: 'The keychain lost the key of Gangway: try again…',
    } satisfies Record<Exclude<BridgeStatus['vault']['state'], 'ready'>, string>,
    passphrase: 'Enter your passphrase…',
    update: (version: string) => `Gangway ${version} is ready: restart to update…`,
    updateUnnamed: 'A new Gangway is ready: restart to update…',
    signInWaitingWhy: (host: string) => `The page at ${host} waits for you.`,
    more: (count: number) => `${count} more…`,
  },

  accounts: {
    addFirst: 'Add your first account…',
    current: (name: string) => `Current account: ${name}`,
    noCurrent: 'Current account: none chosen',
    labelled: (connector: string, account: string, environment: string) =>
      `${connector}: ${account} (${environment})`,
    noActive: (connector: string) => `${connector}: none chosen`,
    choice: (account: string, environment: string, health: string) =>
      `${account} (${environment}) – ${health}`,
    more: (count: number) => `${count} more in the window…`,
    add: 'Add account…',
    manage: 'Manage…',
  },

  actingAs: {
    label: (user: string, place: string) => `Acting as: ${user} (${place})`,
    yourself: 'yourself',
    yourselfItem: 'Yourself',
    byDefault: (user: string) => `${user} (usual)`,
    choose: 'Choose…',
    stop: 'Stop acting as someone else',
  },

  calls: {
    title: 'Recent calls',
    none: 'No calls yet',
    open: 'Open activity…',
    line: (mark: string, account: string, tool: string, when: string) =>
      `${mark} ${account} · ${tool} · ${when}`,
    noAccount: 'no account',
    mark: { ok: '✓', failed: '✗', stopped: '–', unknown: '?' },
    now: 'just now',
    minutes: (count: number) => `${count} min ago`,
    hours: (count: number) => `${count} h ago`,
    days: (count: number) => `${plural(count, 'day', 'days')} ago`,
  },

  apps: {
    title: (count: number) => `Connected apps: ${count}`,
    none: 'No app is connected',
    app: (name: string, conversations: number) => (conversations > 1 ? `${name} (${conversations})` : name),
  },

  access: {
    readOnly: 'Read-only for everything',
    pause: 'Pause all access',
    quarter: 'For 15 minutes',
    hour: 'For 1 hour',
    untilResumed: 'Until I resume',
    resume: 'Resume',
    resumeFrom: (time: string) => `Resume (paused until ${time})`,
  },

  bottom: {
    open: 'Open Gangway',
    settings: 'Settings…',
    checkForUpdates: 'Check for updates',
    checking: 'Checking for updates…',
    downloading: 'Downloading…',
    downloadingVersion: (version: string) => `Downloading ${version}…`,
    restart: 'Restart to update',
    restartTo: (version: string) => `Restart to update to ${version}`,
    help: 'Help',
    helpPage: 'Help page',
    diagnostics: 'Copy diagnostics',
    changes: 'What’s new',
    redraw: 'Redraw menu',
    quit: 'Quit Gangway',
  },
};

export type TrayTexts = typeof en;

/** Every text of the tray. A language is one more object of this shape. */
export const trayTexts: TrayTexts = en;
