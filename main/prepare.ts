import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { app, dialog, protocol } from 'electron';
import * as z from 'zod';
import { type Paths, pathsFor } from '#bridge/base/paths.ts';
import { BridgeError } from '#contract/errors.ts';
import { appImageOf } from './app-image.ts';
import { PRIVILEGES, SCHEME } from './app-protocol.ts';
import { linkOf } from './links.ts';
import { HIDDEN } from './login-item.ts';
import { refusedSwitch } from './start-switches.ts';
import { desktopTexts } from './texts/desktop.ts';

/** Names the app to Windows: whose notifications these are, and which icon of the taskbar its windows belong to. */
const APP_ID = 'app.gangway.desktop';
/** By this class Windows calls the app when a notification is clicked; without one it would get another at every start. */
const TOAST_CLASS = '{6E3F1B52-0C7D-4B0E-9A57-2F6C1D5E8A43}';
const LINK_SCHEME = 'gangway';
const LINK_BYTES = 4_000;

export interface Start {
  /** The arguments after the program. */
  readonly argv: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  /** Says a sentence to whoever started the program. */
  readonly say: (text: string) => void;
}

/** What comes from outside while the app runs or begins. */
export interface Arrival {
  link(text: string): void;
  /** The person started the app once more, or clicked its icon in the dock. */
  call(): void;
}

/** What is known once this process may be the app. */
export interface Prepared extends Omit<Start, 'say'> {
  readonly paths: Paths;
  /** Why the data folder cannot be used; nobody is kept from starting the app twice then. */
  readonly trouble: BridgeError | undefined;
  /** Hands over what has arrived and what arrives from now on, until it is disposed. */
  receive(arrival: Arrival): Disposable;
  /** Somebody wanted the app after its receiver was disposed: they start the next one as soon as this one has ended. */
  startNext(): void;
}

/** What a second start tells the first one. */
const SecondStart = z.strictObject({
  link: z.string().max(LINK_BYTES).optional(),
  /** The system started it, so nobody waits for a window. */
  hidden: z.literal(true).optional(),
});
type SecondStart = z.infer<typeof SecondStart>;

/**
 * Everything that has to happen before Electron is ready, without waiting for anything. Undefined when this process ends
 * instead: it was started with a switch that opens it to others, or the app runs already and has been told.
 */
export function prepareDesktop({ say, ...start }: Start): Prepared | undefined {
  const { argv, environment, platform } = start;
  const refused = app.isPackaged ? refusedSwitch(argv, platform) : undefined;
  if (refused !== undefined) {
    say(desktopTexts.refusedSwitch(refused.slice(0, 80)));
    app.exit(1);
    return undefined;
  }
  let paths: Paths;
  try {
    paths = pathsFor(undefined, environment);
  } catch {
    dialog.showErrorBox(desktopTexts.cannotStart, desktopTexts.noHome);
    app.exit(1);
    return undefined;
  }
  app.enableSandbox();
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges: PRIVILEGES }]);
  if (platform === 'win32') {
    app.setAppUserModelId(APP_ID);
    app.setToastActivatorCLSID(TOAST_CLASS);
  }
  // One app per data folder: the lock belongs to this path.
  const chromium = join(paths.home, 'chromium');
  const trouble = folderTrouble(chromium, paths.home);
  if (!trouble) app.setPath('userData', chromium);
  const { link } = linkOf(argv);
  // Electron refuses the lock of a folder it cannot write to, as if the app ran already, and nobody would hear of it.
  if (!trouble && !app.requestSingleInstanceLock(secondStart(link, argv.includes(HIDDEN)))) {
    app.exit(0);
    return undefined;
  }
  if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME);
  return { ...start, paths, trouble, ...listen(link, environment) };
}

/** Makes the folders, which Chromium would make readable for others. What is wrong is said once a window can say it. */
function folderTrouble(chromium: string, home: string): BridgeError | undefined {
  try {
    mkdirSync(chromium, { recursive: true, mode: 0o700 });
    accessSync(chromium, constants.W_OK);
    return undefined;
  } catch (error) {
    return new BridgeError('storage', `The folder ${home} cannot be used. Check its permissions.`, {}, error);
  }
}

/** A link that is too long arrives cut, so that the first start can say why it was refused. */
function secondStart(link: string | undefined, isHidden: boolean): SecondStart {
  if (link === undefined) return isHidden ? { hidden: true } : {};
  return { link: Buffer.from(link).subarray(0, LINK_BYTES).toString('utf8') };
}

/**
 * Listens at once, because the system hands over links before the app is ready. Of those the first one counts, and so
 * does it of those that come when the app is about to end.
 */
function listen(
  first: string | undefined,
  environment: NodeJS.ProcessEnv,
): Pick<Prepared, 'receive' | 'startNext'> {
  let arrival: Arrival | undefined;
  let isEnding = false;
  let waiting = first;
  let isCalled = false;
  const take = (link: string): void => {
    if (arrival) arrival.link(link);
    else waiting ??= link;
  };
  const call = (): void => {
    if (arrival) arrival.call();
    else isCalled = true;
  };
  app.on('open-url', (event, url) => {
    event.preventDefault();
    take(url);
  });
  app.on('second-instance', (_event, _argv, _folder, told) => {
    const { link, hidden } = SecondStart.safeParse(told).data ?? {};
    if (link !== undefined) take(link);
    else if (!hidden) call();
  });
  // A click in the dock of macOS does not start an app that is about to end.
  app.on('activate', () => !isEnding && call());
  return {
    receive(given) {
      arrival = given;
      if (waiting !== undefined) given.link(waiting);
      else if (isCalled) given.call();
      waiting = undefined;
      isCalled = false;
      return {
        [Symbol.dispose]: () => {
          arrival = undefined;
          isEnding = true;
        },
      };
    },
    startNext() {
      if (!isEnding || (waiting === undefined && !isCalled)) return;
      const link = waiting === undefined ? [] : [waiting];
      const appImage = appImageOf(environment, process.execPath);
      app.relaunch({
        // Without these words it would be started hidden, or with the link of this start.
        args: [...(app.isPackaged ? [] : [app.getAppPath()]), ...link],
        ...(appImage === undefined ? {} : { execPath: appImage }),
      });
    },
  };
}
