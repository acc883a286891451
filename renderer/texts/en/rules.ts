import type { ToolEffect } from '#contract/control.ts';
import { plural } from '../plural.ts';

export const rules = {
  title: 'Rules',
  lead: 'What apps may do with your accounts. The bridge keeps to it, whatever an app asks; the workspace’s own rules stay as they are.',
  // Everything
  everything: 'All accounts',
  readOnly: 'Everything is read-only',
  readOnlyHelp:
    'Apps see only tools that read. Whatever may change something is refused here and never sent.',
  running: 'Access is on',
  runningHelp: 'Apps may work within these rules.',
  paused: 'All access is paused',
  pausedUntil: (time: string) => `All access is paused until ${time}`,
  pausedHelp: 'Apps stay connected and get a clear answer instead of results.',
  pause: 'Pause',
  pauseOther: 'Another time',
  pauseFor: { 15: 'For 15 minutes', 60: 'For 1 hour', forever: 'Until I resume' },
  resume: 'Resume',
  // Each account
  accounts: 'Each account',
  none: 'No account yet',
  noneText: 'Rules are about accounts. Add the first one.',
  noneAction: 'Add account',
  all: 'Apps may use every tool.',
  allBut: (count: number) =>
    `Apps may use every tool except ${count.toLocaleString('en')} that you switched off.`,
  listed: (count: number) =>
    count === 0
      ? 'Apps may use no tool: none is switched on.'
      : `Apps may use ${chosen(count)} you switched on. New tools stay off.`,
  reading: 'Apps may only read.',
  readingAll: 'Apps may only read, because everything is read-only.',
  readingBut: (count: number) => `Besides, ${plural(count, 'tool is', 'tools are')} switched off.`,
  readingListed: (count: number) =>
    count === 0 ? 'And none of its tools is switched on.' : `And only with ${chosen(count)} you switched on.`,
  readOnlyShort: 'Read-only',
  readOnlyFor: (label: string) => `${label} is read-only`,
  tools: 'Tools',
  toolsOf: (label: string) => ` of ${label}`,
  presets: 'Change',
  presetsOf: (label: string) => `Change the rules of ${label}`,
  preset: {
    everything: 'Everything allowed',
    'read-only': 'Read-only',
    listed: 'Only what is switched on; new tools stay off',
  },
  presetSaid: {
    everything: (label: string) => `Apps may use everything at ${label}`,
    'read-only': (label: string) => `${label} is read-only`,
    listed: (label: string) => `New tools of ${label} stay off`,
  },
  listedText: (count: number) =>
    `${plural(count, 'tool is', 'tools are')} switched on, as before. Switch others on or off under Tools.`,
  undone: (label: string) => `${label} has its former rules again`,
  // What would happen
  test: 'What would happen if…',
  testLead: 'Nothing is called. The workspace is only asked which tools it has.',
  app: 'this app',
  anyApp: 'Any app',
  account: 'used this account',
  chooseAccount: 'Choose an account',
  tool: 'to call this tool',
  toolLoading: 'Asking for its tools…',
  toolPlaceholder: (count: number) => `Find one of ${plural(count, 'tool', 'tools')}`,
  toolFirst: 'Choose an account first',
  toolNone: 'The workspace offers no such tool to this account.',
  testFirst: 'Choose an account and a tool.',
  goes: (account: string, user: string | undefined) =>
    user === undefined
      ? `It goes through to ${account}.`
      : `It goes through to ${account} and runs as ${user}.`,
  goesEffect: {
    reads: 'The tool only reads.',
    writes: 'The tool may change something there.',
    destroys: 'The tool may delete something there.',
  } satisfies Record<ToolEffect, string>,
  elsewhere: (app: string, reached: string | undefined, account: string) =>
    reached === undefined
      ? `${app} would not get there: its address leads to no account right now.`
      : `${app} would not get there: it reaches ${reached} right now, not ${account}.`,
  refused: 'It is refused here and never sent',
  because: {
    paused: 'all access is paused.',
    off: 'you switched this tool off for the account.',
    'not-listed': 'only tools that you switched on are allowed, and this one is not.',
    'read-only': 'the account is read-only, and the tool may change something.',
    'all-read-only': 'everything is read-only, and the tool may change something.',
    rules: 'your rules do not allow it.',
  },
  hidden: 'Apps do not see it in their list of tools either.',
  fails: (reason: string) => `Your rules allow it, but it cannot work right now. ${reason}`,
  failsReason: 'The account needs you first.',
};

function chosen(count: number): string {
  return count === 1 ? 'the one tool' : `the ${plural(count, 'tool', 'tools')}`;
}
