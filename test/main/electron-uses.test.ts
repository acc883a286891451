import { expect, test } from 'vitest';
import { sourceFiles, textOf } from '../architecture/sources.ts';

/*
 * What of Electron leads out of the app or lets something in has one place each, so that its rules are read and tested
 * there: a window, the browser, the clipboard, messages of pages, another process. What is in no row is used nowhere.
 */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  BrowserWindow: ['windows'],
  Menu: ['application-menu', 'tray'],
  Notification: ['notifications'],
  Tray: ['tray'],
  app: [
    ...['desktop', 'index', 'login-item', 'own-updates', 'places', 'prepare', 'presence', 'quit', 'surface'],
    ...['window-showing', 'windows'],
  ],
  clipboard: ['clipboard'],
  contextBridge: ['preload'],
  // A box without a window holds up the whole app on macOS: `windows` knows when it needs one.
  dialog: ['desktop', 'faults', 'prepare', 'window-showing', 'windows'],
  ipcMain: ['window-door'],
  ipcRenderer: ['preload'],
  nativeTheme: ['tray', 'windows'],
  net: ['update-source'],
  powerMonitor: ['power'],
  protocol: ['prepare'],
  screen: ['windows'],
  session: ['desktop', 'surface'],
  shell: ['open-safe'],
  utilityProcess: ['keychain-start'],
};

/** Dumps hold secrets, other stores are weaker than the vault, and the rest runs or trusts what comes from outside. */
const NOWHERE =
  /crashReporter|safeStorage|showItemInFolder|executeJavaScript|insertCSS|CertificateVerifyProc|'certificate-error'|appendSwitch|appendArgument|setProxy|ipcMain\.handle|nodeIntegration: true|webSecurity: false|sandbox: false|bypassCSP|unsafe-inline|unsafe-eval/;

const files = sourceFiles().filter((file) => /^main\/[^/]+\.ts$/.test(file) && file !== 'main/start.ts');

/** The values that a file takes out of Electron. */
function takenFrom(text: string): string[] {
  const lists = text.matchAll(
    /(?:import|const) (type )?\{([^}]*)\} (?:from 'electron'|= await import\('electron'\))/g,
  );
  return [...lists]
    .filter(([, type]) => type === undefined)
    .flatMap(([, , names = '']) => names.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '));
}

test('each part of Electron is used in its own places only', () => {
  const found = new Map<string, string[]>();
  for (const file of files) {
    const text = textOf(file);
    const place = file.replace(/^main\/|\.ts$/g, '');
    for (const name of takenFrom(text)) found.set(name, [...(found.get(name) ?? []), place]);
    // No other way in than by name.
    expect([file, /import (?:\*|\w+)[^{]* from 'electron'|require\('electron'\)/.test(text)]).toEqual([
      file,
      false,
    ]);
  }
  expect(Object.fromEntries(found)).toEqual(PLACES);
});

test('what would open the app to others is used nowhere', () => {
  expect(files.length).toBeGreaterThan(40);
  expect(files.filter((file) => NOWHERE.test(textOf(file)))).toEqual([]);
});

test('files are opened in one place only, which looks at their folder first', () => {
  const opening = files.flatMap((file) => (textOf(file).match(/openPath/g) ?? []).map(() => file));
  expect(opening).toEqual(['main/open-safe.ts']);
});

test('DL-10 nobody but the check of switches looks for dashes in what the app was started with', () => {
  const looking = files.filter((file) => /startsWith\((['"`])--?\1\)|\/\^--/.test(textOf(file)));
  expect(looking).toEqual(['main/start-switches.ts']);
});
