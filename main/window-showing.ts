import {
  app,
  type BrowserWindow,
  dialog,
  type MessageBoxOptions,
  type MessageBoxReturnValue,
} from 'electron';

/** How a window goes out of sight. */
export type PutAway = 'hide' | 'minimize';

/**
 * Brings a window before everything else, because somebody asked for it. The dock of macOS shows the app from now on until
 * the window is hidden; the window's own events would not do, because macOS tells `hide` of one that is only covered, too.
 */
export function raise(window: BrowserWindow): void {
  void app.dock?.show();
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
  // An app that was not in the dock does not get to the front by its window alone.
  if (app.dock) app.focus({ steal: true });
}

/** @param hidden is told once it is hidden; macOS leaves an empty screen behind a window that fills it. */
export function putAway(window: BrowserWindow, what: PutAway, hidden: () => void): void {
  if (what === 'minimize') window.minimize();
  else if (window.isFullScreen()) {
    window.once('leave-full-screen', () => putAway(window, what, hidden));
    window.setFullScreen(false);
  } else {
    window.hide();
    app.dock?.hide();
    hidden();
  }
}

/** Puts up a message box as a part of a window, once that is on the screen. With its window the box is dismissed. */
export async function askIn(window: BrowserWindow, box: MessageBoxOptions): Promise<MessageBoxReturnValue> {
  const dismissed = { response: box.cancelId ?? 0, checkboxChecked: false };
  const gone = Promise.withResolvers<typeof dismissed>();
  const seen = Promise.withResolvers<void>();
  window.once('closed', () => gone.resolve(dismissed));
  window.once('show', () => seen.resolve());
  if (window.isVisible()) seen.resolve();
  await Promise.race([gone.promise, seen.promise]);
  return window.isDestroyed() ? dismissed : Promise.race([gone.promise, dialog.showMessageBox(window, box)]);
}
