import type { BridgeStatus } from '#contract/control.ts';
import { plural } from '../plural.ts';

export const settings = {
  title: 'Settings',
  sections: {
    general: 'General',
    security: 'Security',
    network: 'Network',
    storage: 'Data',
    updates: 'Updates',
    advanced: 'Advanced',
  },
  saved: 'Saved',
  panelOnly:
    'Starting at sign-in, notifications, asking before quitting, and updates belong to the desktop app; you find them in its window.',

  // General
  appearance: 'Appearance',
  theme: 'Theme',
  themes: { system: 'Like the desktop', light: 'Light', dark: 'Dark' },
  start: 'Start and quit',
  openAtLogin: 'Start when I sign in',
  openAtLoginHelp: 'Gangway waits in the tray, so that apps find it at once.',
  openAtLoginUnknown: 'Starting when you sign in cannot be set on this system.',
  startOwner: 'Let apps start Gangway',
  startOwnerHelp:
    'An app that does not find Gangway running starts it in the background. When off, the app gets a message that says how to start it.',
  askBeforeQuit: 'Ask before quitting while apps are connected',
  askBeforeQuitHelp: 'Connected apps lose access until Gangway runs again.',
  notifications: 'Notifications',
  notify: 'Show notifications',
  notifyHelp: 'When an account needs you, when access was switched, and when an update is ready.',
  muted: (count: number) => `${plural(count, 'account is', 'accounts are')} muted on their own pages.`,
  trayMissing:
    'This desktop shows no tray icons, so Gangway cannot be reached from there. An extension brings them back.',
  trayExtension: 'Get the extension',

  // Security
  vault: 'Saved keys and sign-ins',
  vaultKind: 'Kept in',
  vaultState: 'State',
  kinds: {
    keychain: 'The keychain of this computer',
    passphrase: 'Files on this computer, sealed with your passphrase',
    memory: 'Memory only; gone when Gangway ends',
  } satisfies Record<BridgeStatus['vault']['kind'], string>,
  states: {
    ready: 'Open',
    locked: 'Locked',
    denied: 'Access refused by the keychain',
    absent: 'No keychain found',
    empty: 'The keychain has lost the key',
  } satisfies Record<BridgeStatus['vault']['state'], string>,
  access: 'Access',
  readOnly: 'Read-only for everything',
  readOnlyHelp:
    'Tools that may change something are hidden from apps and refused, for every account, whatever its own rules say.',
  pause: 'Pause all access',
  pauseHelp:
    'Apps stay connected and get a clear answer instead of results. Calls that run already end normally.',
  pauseFor: { 15: '15 minutes', 60: '1 hour', forever: 'Until I resume' },
  pauseForLong: {
    15: 'Pause for 15 minutes',
    60: 'Pause for 1 hour',
    forever: 'Pause until I resume',
  },
  pausedUntil: (time: string) => `Paused until ${time}.`,
  pausedForever: 'Paused until you resume.',
  resume: 'Resume',

  // Network
  door: 'Local HTTP address',
  doorLead:
    'For apps that connect by HTTP. Only programs on this computer reach it, each with a token of its own.',
  doorOpen: (url: string) => `Open at ${url}`,
  doorClosed: 'Closed',
  http: 'Open it when Gangway starts',
  httpHelp: 'Apps that are connected by a command do not need it.',
  port: 'Port',
  portHelp: 'From 1024 to 65535. Apps that were set up with the old port need the new address.',
  portWrong: 'Enter a whole number from 1024 to 65535.',
  nextStart: 'This takes effect when Gangway starts the next time.',
  proxy: 'Requests to your workspaces',
  proxyLead: 'How they leave this computer.',
  proxyMode: 'Proxy',
  proxyModes: {
    system: { label: 'As on this computer', help: 'Its settings, else HTTPS_PROXY and NO_PROXY.' },
    none: { label: 'None', help: 'Straight to the workspace.' },
    manual: { label: 'This one', help: 'For every request but those to this computer.' },
  },
  proxyUrl: 'Address of the proxy',
  proxyUrlHelp: 'Press Enter to save it.',
  proxyMissing: 'Enter the address of the proxy, as http://proxy.example.com:8080.',
  proxyNotAddress: 'This is no address. It looks like http://proxy.example.com:8080.',
  proxyScheme: 'The address begins with http:// or https://.',
  proxySecret: 'Leave out user name and password: settings are not kept secret.',
  proxyPath: 'The address ends after its port, as in http://proxy.example.com:8080.',

  // Data
  log: 'Activity log',
  logLead: 'Which app called which tool when, and how it ended. It stays on this computer.',
  days: 'Keep entries for',
  daysHelp: 'Older entries are removed by themselves.',
  daysChoice: (days: number) => (days === 0 ? 'Keep nothing' : plural(days, 'day', 'days')),
  bodies: 'Keep arguments and results',
  bodiesHelp: 'Known keys and tokens are taken out of them.',
  bodiesWarning:
    'Arguments and results may hold personal details of your customers. Everybody who can read the files of this user account can read them.',
  clear: 'Clear log…',
  clearTitle: 'Clear the activity log?',
  clearText: 'Every entry is removed for good. Accounts, rules and settings stay.',
  clearConfirm: 'Clear log',
  cleared: (count: number) => `The log was cleared: ${plural(count, 'entry', 'entries')} removed.`,
  clearLabel: 'Clear the log',
  clearHelp: 'Removes every entry for good.',
  where: 'What is stored where',
  whereLead: 'Nothing leaves this computer except calls to your workspaces.',
  whereFolder: 'Folder of Gangway',
  whereFolderHolds: 'Accounts, settings, the activity log and a log of faults. No key in clear text.',
  whereKeys: 'Keys and sign-ins',
  whereKeysHold: {
    keychain: 'Sealed files in the same folder; the key that opens them is in the keychain of this computer.',
    passphrase: 'Sealed files in the same folder; only your passphrase opens them.',
    memory: 'Nowhere. They are in memory only.',
  } satisfies Record<BridgeStatus['vault']['kind'], string>,
  whereWindow: 'This window',
  whereWindowHolds: 'The theme and which hints you have read, in the window’s own storage.',

  // Updates
  update: 'Updates',
  updateVersion: (version: string) => `This is Gangway ${version}.`,
  updateOff: 'This build takes no updates by itself.',
  upToDate: 'No newer version is known.',
  checking: 'Looking for a newer version…',
  downloading: (version: string | null, percent: number | null) =>
    `Downloading ${version === null ? 'the new version' : `version ${version}`}${percent === null ? '' : `, ${Math.round(percent)} %`}…`,
  progress: 'Download of the update',
  ready: (version: string | null) =>
    `${version === null ? 'A new version' : `Version ${version}`} is ready. Connected apps reconnect by themselves.`,
  failed: 'The update did not work. Everything stays as it is.',
  check: 'Check now',
  restart: 'Restart to update',
  changes: 'What is new',

  // Advanced
  details: 'Details',
  version: 'Version',
  home: 'Folder',
  socket: 'Local socket',
  url: 'HTTP address',
  process: 'Process',
  started: 'Started',
  none: 'None',
  diagnostics: 'Diagnostics',
  diagnosticsLead:
    'For whoever helps you: versions, states and numbers. No keys, names, addresses or paths are in it.',
  diagnosticsText: 'Text to copy',
};
