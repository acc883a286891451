import { Menu, type MenuItemConstructorOptions } from 'electron';
import { routes } from './routes.ts';
import { desktopTexts } from './texts/desktop.ts';

export interface MenuActions {
  showWindow(route: string): void;
  quit(): void;
}

type Item = MenuItemConstructorOptions;

const texts = desktopTexts.menu;

const separator: Item = { type: 'separator' };

const edit: Item = {
  label: texts.edit,
  submenu: [
    { role: 'undo' },
    { role: 'redo' },
    separator,
    { role: 'cut' },
    { role: 'copy' },
    { role: 'paste' },
    { role: 'pasteAndMatchStyle' },
    { role: 'delete' },
    { role: 'selectAll' },
  ],
};

/**
 * The menu of the app: the bar of macOS, without which no shortcut for copying works there; elsewhere it is hidden and
 * holds the same shortcuts. Pure. An installed app offers neither reloading nor developer tools.
 */
export function applicationMenu(platform: NodeJS.Platform, isPackaged: boolean, act: MenuActions): Item[] {
  const settings: Item = {
    label: texts.settings,
    accelerator: 'CmdOrCtrl+,',
    click: () => act.showWindow(routes.settings),
  };
  const quit: Item = { label: texts.quit, accelerator: 'CmdOrCtrl+Q', click: () => act.quit() };
  const developer: Item[] = isPackaged
    ? []
    : [{ label: texts.developer, submenu: [{ role: 'reload' }, { role: 'toggleDevTools' }] }];
  if (platform !== 'darwin') {
    const window: Item = { label: texts.window, submenu: [{ role: 'minimize' }, { role: 'close' }] };
    return [{ label: texts.file, submenu: [settings, quit] }, edit, window, ...developer];
  }
  const own: Item[] = [
    { role: 'about' },
    separator,
    settings,
    separator,
    { role: 'services' },
    separator,
    { role: 'hide' },
    { role: 'hideOthers' },
    { role: 'unhide' },
    separator,
    quit,
  ];
  const window: Item[] = [
    { role: 'minimize' },
    { role: 'zoom' },
    { role: 'close' },
    separator,
    { role: 'front' },
  ];
  return [
    { label: 'Gangway', submenu: own },
    edit,
    { label: texts.window, role: 'window', submenu: window },
    ...developer,
  ];
}

/** Puts the menu up. */
export function openApplicationMenu(platform: NodeJS.Platform, isPackaged: boolean, act: MenuActions): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(applicationMenu(platform, isPackaged, act)));
}
