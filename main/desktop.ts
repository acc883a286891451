import { join } from 'node:path';
import { app, dialog, session } from 'electron';
import { privateFolder } from '#bridge/base/json-file.ts';
import { type Log, openLog } from '#bridge/base/log.ts';
import { Redactor } from '#bridge/base/redactor.ts';
import { asBridgeError } from '#contract/errors.ts';
import { type BridgeHost, openBridgeHost } from './bridge-host.ts';
import { ChoiceStore } from './choices.ts';
import { watchFaults } from './faults.ts';
import { keychainIn } from './keychain-start.ts';
import { followLatest } from './latest.ts';
import { openLinks } from './links.ts';
import { ownCommand } from './own-command.ts';
import { placesOf } from './places.ts';
import { followPower } from './power.ts';
import type { Prepared } from './prepare.ts';
import { openQuitting, type Quitting } from './quit.ts';
import { type QuitQuestion, quitQuestion } from './quit-question.ts';
import { openSurface, type Surface } from './surface.ts';
import { desktopTexts } from './texts/desktop.ts';

/** The whole app while it runs. Disposing it closes the windows first and the bridge last. */
interface Desktop extends AsyncDisposable {
  readonly choices: Pick<ChoiceStore, 'choose'>;
  readonly surface: Pick<Surface, 'ask' | 'isInstalling'>;
  /** What to ask before it ends. */
  question(): QuitQuestion | undefined;
}

interface DesktopParts {
  readonly prepared: Prepared;
  readonly quitting: Quitting;
  readonly redactor: Redactor;
  readonly log: Log;
}

/** Runs the app from the moment Electron is ready. Never rejects: what keeps it from starting is shown, and it ends. */
export async function startDesktop(prepared: Prepared): Promise<void> {
  await app.whenReady();
  // Without a window the app lives in the tray.
  app.on('window-all-closed', () => undefined);
  const { paths } = prepared;
  const redactor = new Redactor();
  let desktop: Desktop | undefined;
  let log: Log;
  try {
    if (prepared.trouble) throw prepared.trouble;
    for (const folder of [paths.home, paths.logs]) await privateFolder(folder);
    log = openLog({ file: join(paths.logs, 'gangway.log'), redact: (text) => redactor.clean(text) });
  } catch (error) {
    cannotStart(error);
    app.exit(1);
    return;
  }
  const quitting = openQuitting({
    question: () => desktop?.question(),
    put: async (box) => (desktop ? desktop.surface.ask(box) : dialog.showMessageBox(box)),
    askNoMore: async () => desktop?.choices.choose({ askBeforeQuit: false }),
    // What is just being opened is closed as soon as it is open.
    end: async () => (await opening.catch(() => undefined))?.[Symbol.asyncDispose](),
    last: (exitCode) => {
      // An update starts the next one by itself.
      if (exitCode === 0 && !desktop?.surface.isInstalling) prepared.startNext();
    },
    process,
    log,
  });
  const opening = openDesktop({ prepared, quitting, redactor, log });
  try {
    desktop = await opening;
    log.info('desktop.ready');
  } catch (error) {
    log.error('desktop.start', error);
    cannotStart(error);
    await quitting.now(1);
  }
}

function cannotStart(error: unknown): void {
  dialog.showErrorBox(desktopTexts.cannotStart, asBridgeError(error).message);
}

async function openDesktop({ prepared, quitting, redactor, log }: DesktopParts): Promise<Desktop> {
  const { paths, environment } = prepared;
  const places = placesOf(app.getAppPath(), app.isPackaged);
  await using starting = new AsyncDisposableStack();
  let host: BridgeHost | undefined;
  const restart = async (): Promise<void> => host?.restart();
  starting.use(watchFaults({ process, log, restart, giveUp: (say) => void quitting.now(1, say) }));
  const program = await ownCommand({
    isPackaged: app.isPackaged,
    appFolder: app.getAppPath(),
    resources: process.resourcesPath,
    platform: prepared.platform,
    environment,
    executable: process.execPath,
    home: paths.home,
    log,
  });
  const bridge = starting.use(
    await openBridgeHost({
      paths,
      environment,
      keychain: { start: keychainIn(places.keychainChild) },
      systemProxy: (url) => session.defaultSession.resolveProxy(url),
      program,
      redactor,
      log,
    }),
  );
  host = bridge;
  const latest = starting.use(followLatest({ control: bridge.control, log }));
  const choices = starting.use(await ChoiceStore.open(paths.desktop, log));
  const links = openLinks({ log });
  const surface = starting.use(
    await openSurface({ prepared, places, host: bridge, latest, choices, links, quitting, log }),
  );
  starting.use(followPower({ wake: () => bridge.wake(), stopping: () => void quitting.now() }));
  starting.use(prepared.receive({ link: (text) => links.offer(text), call: () => surface.show() }));
  const running = starting.move();
  return {
    choices,
    surface,
    question: () => {
      // An update brings the bridge back by itself.
      const takesAway = bridge.isHosted && !surface.isInstalling;
      return quitQuestion(latest.snapshot, choices.current, takesAway);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
