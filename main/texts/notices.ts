/** English texts of notifications. Names that come in are safe to show already. */
const en = {
  signIn: 'Sign in',
  signInAgain: 'Sign in again',
  replaceKey: 'Replace key',
  show: 'Show',
  unlock: 'Unlock',
  undo: 'Undo',
  stop: 'Stop',
  restart: 'Restart now',
  /** Where a notification has no buttons: what a click on it does. */
  click: (label: string) => `Click to do this: ${label}`,

  signInTitle: (name: string) => `${name}: sign in again`,
  endedTitle: (name: string) => `${name}: access has ended`,
  keyTitle: (name: string) => `${name}: key refused`,
  supportTitle: (name: string) => `${name} has stopped working`,
  scopeTitle: (name: string) => `${name}: a permission is missing`,
  scopeBody: (scope: string) => `A call needed ${scope}. Sign in again to allow it.`,
  limitTitle: (name: string) => `${name} asks to wait`,
  limitBody: (client: string, time: string) =>
    `The workspace takes no more calls for now. ${client} met this at ${time} and was told to wait.`,
  vaultTitle: 'Saved sign-ins cannot be read',
  appTitle: (app: string) => `${app} is connected`,
  appBody: (app: string, account: string) => `${app} uses ${account} from now on.`,
  appBodyNoAccount: (app: string) => `${app} has no account to use yet.`,
  actingTitle: (user: string) => `Still acting as ${user}`,
  actingBody: (name: string) => `Calls of ${name} have run in this name for an hour or more.`,
  onlineTitle: 'Back online',
  onlineBody: 'Your accounts can be used again.',
  updateTitle: (version: string) => `Gangway ${version} is ready`,
  updateUnnamedTitle: 'A new Gangway is ready',
  updateBody: 'Connected apps come back by themselves after the restart.',

  switchedTitle: (connector: string, account: string) => `${connector} is now ${account}`,
  switchedBody: (apps: string, before: string, after: string) =>
    `${apps} keep their open calls on ${before}; new calls use ${after}.`,
  switchedBodyOne: (app: string, before: string, after: string) =>
    `${app} keeps its open calls on ${before}; new calls use ${after}.`,
  switchedBodyNobody: (after: string) => `New calls use ${after}.`,
  reload: (apps: string) => `If ${apps} still show the old tools, restart them.`,
  reloadOne: (app: string) => `If ${app} still shows the old tools, restart it.`,
  pinned: (apps: string) => `Not affected: ${apps}.`,
  others: (count: number) => `${count} more`,
  and: ' and ',
  notSwitchedTitle: (name: string) => `Not switched to ${name}`,
  slowTitle: (name: string) => `Still switching to ${name}`,
  slowBody: (before: string) => `It takes longer than usual. Calls go to ${before} until it is done.`,
  slowBodyNobody: 'It takes longer than usual.',
  failedTitle: 'That did not work',
};

export type NoticeTexts = typeof en;

/** Every text of notifications. A language is one more object of this shape. */
export const noticeTexts: NoticeTexts = en;
