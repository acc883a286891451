import { expect, test } from 'vitest';
import { backgroundOf, windowOptions } from '#main/window-options.ts';

const look = {
  preload: '/app/out/preload/index.cjs',
  isPackaged: true,
  isDark: false,
  place: { x: 10, y: 50, width: 900, height: 700 },
};

test('a window is made with exactly these options, and with none that weakens it', () => {
  expect(windowOptions(look)).toEqual({
    title: 'Gangway',
    show: false,
    x: 10,
    y: 50,
    width: 900,
    height: 700,
    minWidth: 640,
    minHeight: 480,
    backgroundColor: '#ffffff',
    autoHideMenuBar: true,
    webPreferences: {
      preload: '/app/out/preload/index.cjs',
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
      devTools: false,
    },
  });
});

test('developer tools exist only in a copy that is not installed', () => {
  expect(windowOptions({ ...look, isPackaged: false }).webPreferences?.devTools).toBe(true);
});

test('a window has the colour of the theme before its page is drawn', () => {
  expect(windowOptions({ ...look, isDark: true }).backgroundColor).toBe(backgroundOf(true));
  expect(backgroundOf(true)).not.toBe(backgroundOf(false));
});

test('without a place of its own a window opens where the system wants', () => {
  const options = windowOptions({ ...look, place: { width: 900, height: 700 } });
  expect('x' in options || 'y' in options).toBe(false);
});
