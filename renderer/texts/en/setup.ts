import { plural } from '../plural.ts';

export const setup = {
  title: 'Set up',
  stepOf: (step: number, all: number) => `Step ${step} of ${all}`,
  steps: { welcome: 'Welcome', workspace: 'Workspace', apps: 'Apps', check: 'Check' },
  titles: {
    welcome: 'Welcome to Gangway',
    workspace: 'Add a workspace',
    apps: 'Connect your apps',
    check: 'See it work',
  },
  leads: {
    welcome: 'One bridge between the AI apps on this computer and the workspaces you work in.',
    workspace: 'Choose where you work. You can add more at any time.',
    apps: 'Switch on the apps that are to use your workspaces. You see every change before it is made.',
    check: 'Do what each line says. This page notices by itself when an app connects.',
  },
  picture: 'Apps on the left, Gangway in the middle, workspaces on the right',
  pictureApps: 'Your AI apps',
  pictureWorkspaces: 'Your workspaces',
  promiseKeychain: 'Keys and sign-ins go to the keychain of this computer. No app ever gets to see them.',
  promisePassphrase:
    'Keys and sign-ins go to files that only your passphrase opens. No app ever gets to see them.',
  promiseMemory: 'Keys and sign-ins are kept in memory until Gangway ends. No app ever gets to see them.',
  promiseLocal: 'Nothing leaves this computer except calls to your workspaces.',
  start: 'Set up',
  later: 'Look around first',
  whatIsStored: 'What is stored where',
  stored: (
    home: string,
    vault: 'keychain' | 'passphrase' | 'memory',
  ): readonly (readonly [string, string])[] => [
    ['Keys and sign-ins', kept[vault](home)],
    ['Accounts, settings, apps', `Plain files without any secret in ${home}`],
    ['Activity', `Who called which tool and how it went, in ${home}; what was said only if you turn that on`],
    ['Anywhere else', 'Nothing. There is no account with us and nothing is reported.'],
  ],
  have: (count: number) => `You have ${plural(count, 'account', 'accounts')}.`,
  skip: 'Skip for now',
  // Apps
  foundApps: 'AI apps on this computer',
  foundOnly:
    'Gangway has only looked whether these apps are here. Their settings are opened when you review.',
  macOnce: 'macOS may ask you once for each app you turn on.',
  connectApp: (app: string) => `Connect ${app}`,
  alreadySetUp: 'Set up',
  noApps: 'No AI app that Gangway knows was found here. You can connect any app by hand.',
  byHand: 'Connect an app by hand',
  byHandText:
    'Copy one of these into the MCP settings of your app, then restart the app. It follows the account in use.',
  byHandToo: 'You can also connect it by hand.',
  reviewChanges: 'Review changes',
  reviewTitle: 'Review the changes',
  writeChanges: (count: number) => `Write ${plural(count, 'change', 'changes')}`,
  noAccount: 'It sees no tools yet, because there is no account. Go back and add a workspace.',
  waiting: 'Waiting for the first app to connect',
  waitingHelp:
    'Nothing yet? Most apps read their settings only when they start: quit the app fully, then open it again.',
  sees: (program: string, tools: number | undefined, who: string | undefined) =>
    [
      `${program} is connected`,
      tools === undefined ? '' : `sees ${plural(tools, 'tool', 'tools')}`,
      who === undefined ? '' : `as ${who}`,
    ]
      .filter((part) => part !== '')
      .join(', '),
  someWrong: 'What is marked as failed is put right under Apps.',
  toApps: 'Open Apps',
  tryThis: 'Ask it something, for example: “List my products”.',
  tryText: 'List my products',
  firstCall: 'The first call went through',
  firstCallText: (target: string, account: string | null) =>
    account === null ? `${target} was called.` : `${target} was called as ${account}.`,
  doItLater: 'I will do it later',
};

const kept = {
  keychain: (home: string) =>
    `Sealed files in ${home}, opened only by a key in the keychain of this computer`,
  passphrase: (home: string) => `Sealed files in ${home}, opened only by your passphrase`,
  memory: () => 'In memory, until Gangway ends; in no file',
};
