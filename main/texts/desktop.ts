/** English texts of the app around the window: what it asks, and what it has to say without one. */
const en = {
  quit: 'Quit',
  keep: 'Keep in background',
  neverAsk: 'Do not ask again',
  connected: (count: number) =>
    count === 1 ? 'One app is connected.' : `${inWords(count)} apps are connected.`,
  losesAccess: (count: number) =>
    `${count === 1 ? 'It' : 'They'} will lose access until you start Gangway again.`,

  staysTitle: (platform: NodeJS.Platform) =>
    `Gangway stays in the ${platform === 'darwin' ? 'menu bar' : 'tray'}`,
  staysBody: 'Your apps stay connected. Click the icon to see this window again.',
  open: 'Open',

  linkRefused: 'This link was not opened',
  updateTitle: 'Updates',
  failedTitle: 'That did not work',
  show: 'Show',

  cannotStart: 'Gangway cannot start',
  noHome:
    'Your home folder cannot be found. Name a folder for the data in GANGWAY_HOME, then start it again.',
  noPage: 'The page could not be opened in your browser.',
  hasToStop: 'Gangway has to stop',
  hasToStopBody:
    'It ran into several faults of its own in a short time. Nothing saved was lost. Start it again; the log names the places.',
  refusedSwitch: (name: string) =>
    `Gangway does not start with ${name}, because it would open your accounts to other programs.`,

  menu: {
    file: 'File',
    edit: 'Edit',
    window: 'Window',
    developer: 'Developer',
    settings: 'Settings…',
    quit: 'Quit Gangway',
  },
};

function inWords(count: number): string {
  const words = ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine', 'Ten'];
  return words[count] ?? String(count);
}

export const desktopTexts: Readonly<typeof en> = en;
