import type { BrowserWindowConstructorOptions } from 'electron';
import type { PlacedWindow } from './window-place.ts';

export interface WindowLook {
  /** The built preload script. */
  readonly preload: string;
  readonly isPackaged: boolean;
  readonly isDark: boolean;
  readonly place: PlacedWindow;
}

/** The colour behind a page that is not drawn yet; the same as the page's own. */
export function backgroundOf(isDark: boolean): string {
  return isDark ? '#16181d' : '#ffffff';
}

/** What every window is made with. A page is as weak as a page on the web, and weaker where that is possible. */
export function windowOptions({
  preload,
  isPackaged,
  isDark,
  place,
}: WindowLook): BrowserWindowConstructorOptions {
  const { x, y, width, height } = place;
  return {
    title: 'Gangway',
    show: false,
    width,
    height,
    ...(x === undefined || y === undefined ? {} : { x, y }),
    minWidth: 640,
    minHeight: 480,
    backgroundColor: backgroundOf(isDark),
    autoHideMenuBar: true,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: !isPackaged,
    },
  };
}
