export const about = {
  title: 'About',
  name: 'Gangway',
  version: (version: string) => `Version ${version}`,
  what: 'One local bridge between the AI apps on your computer and the workspaces you work in. Switch accounts in one place; every app follows.',
  promise:
    'Keys and sign-ins stay on this computer. Nothing leaves it except calls to your workspaces: no telemetry, no crash reports, no account of ours.',
  licence: 'Licence',
  licenceText: 'Gangway is free software under the MIT licence. It comes without any warranty.',
  notices:
    'It contains other free software, such as Electron, Node.js, React, Base UI, oRPC, undici and zod, each under its own licence. Their texts come with the packages.',
  help: 'Help',
  changes: 'What is new',
  noPage: 'This build has no such page.',
  keys: 'Keyboard',
  keyList: {
    palette: 'Search or run a command',
    settings: 'Open the settings',
    move: 'Move through a menu, a list or tabs',
    choose: 'Choose, press or send',
    toggle: 'Turn a switch or a tick on and off',
    close: 'Close a menu or a dialog',
    next: 'Next field; with Shift the one before',
    toasts: 'Go to the latest message',
  },
  control: 'Ctrl',
  command: '⌘',
};
