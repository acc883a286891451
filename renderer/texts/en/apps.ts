import { plural } from '../plural.ts';

export const apps = {
  title: 'Apps',
  lead: 'The AI apps on this computer that use your accounts through Gangway.',
  // Connected now
  connected: 'Connected now',
  connectedLead: 'Each line is one conversation. An app may hold several.',
  conversations: (count: number) => plural(count, 'conversation', 'conversations'),
  columns: {
    address: 'Address',
    account: 'Reaches now',
    door: 'Connected by',
    since: 'Since',
    calls: 'Calls',
  },
  doors: { stdio: 'Command (stdio)', http: 'Address (HTTP)' },
  noAccount: 'No account',
  tokenOf: (label: string) => `token “${label}”`,
  conversationsOf: (app: string) => `Conversations of ${app}`,
  calls: 'Its calls',
  callsOf: (app: string) => ` of ${app}`,
  noneTitle: 'No app is connected right now',
  noneText:
    'An app shows up here as soon as it starts to talk to Gangway. Connect one below, then restart it.',
  reach: {
    current: 'Follows the account in use',
    connector: (connector: string) => `Follows ${connector}`,
    account: 'Pinned to',
    gone: 'Pinned to an account that was removed',
  },
  // Access tokens
  tokens: 'Access tokens',
  tokensLead: 'Each lets one app in by address. Taking one back concerns that app alone.',
  tokensNone: 'None given out. Apps that start a command need none.',
  tokenColumns: { label: 'App', address: 'Address', created: 'Made', used: 'Last used', revoke: 'Take back' },
  never: 'Never',
  revoke: 'Revoke',
  revokeOf: (label: string) => `Revoke the token of ${label}`,
  revokeTitle: (label: string) => `Revoke the token of ${label}?`,
  revokeText:
    'From its next call on the app is refused, and told that its token is no longer valid. Connect it again with a new token whenever you like.',
  revoked: (label: string) => `The token of ${label} was revoked`,
  alreadyGone: 'It was revoked before.',
  // By hand
  byHand: 'Connect an app by hand',
  byHandLead: 'Choose what the app is to reach, then copy one of the two entries into its MCP settings.',
  address: 'The app reaches',
  addressKinds: { current: 'The account in use', connector: 'One kind of workspace', account: 'One account' },
  addressHelp: {
    current: 'It follows you: switch the account, and the app works there from its next call.',
    connector: 'It follows you within that kind only, whatever else is in use.',
    account: 'It stays with that account, whatever you switch to.',
  },
  whichConnector: 'Kind of workspace',
  whichAccount: 'Account',
  leadsTo: (label: string) => `Right now that is ${label}.`,
  leadsNowhere: 'Right now that is no account; the app gets a clear message until there is one.',
  byCommand: 'For apps that start a command (Claude Desktop, Cursor, Codex …)',
  byCommandHelp:
    'Paste it into the app’s MCP settings and restart the app. It contains no secret. Apps that have a form take “command” and “args” from it.',
  byAddress: 'For apps that take an address',
};
