import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { missingScreenPackages, screenLine } from '../../system/programs.ts';
import type { Picture } from '../png.ts';
import { dyingWithUs } from '../processes.ts';
import { panelSettings } from './panel-settings.ts';
import { type Point, screenPicture } from './screen-picture.ts';

const run = promisify(execFile);

const SIZE = { width: 1280, height: 800 } as const;
/** Inside the one notification on the screen, where no window is. */
export const NOTIFICATION: Point = { x: SIZE.width - 100, y: SIZE.height - 50 };
const END_MS = 3_000;

/** A desktop of a test's own: a screen, a session bus, a window manager, a panel with a tray, and notifications. */
export interface Screen extends AsyncDisposable {
  /** For programs that run on it. */
  readonly environment: Readonly<Record<string, string>>;
  /** What is on the screen now. */
  picture(): Picture;
}

/**
 * Starts the desktop: Xvfb, D-Bus, openbox, xfce4-panel and dunst. It touches nothing of the person who runs the tests.
 * @throws Error naming the Debian packages when this machine lacks them.
 */
export async function startScreen(): Promise<Screen> {
  const missing = missingScreenPackages();
  if (missing.length > 0) throw new Error(screenLine(missing));
  await using starting = new AsyncDisposableStack();
  const folder = starting.adopt(await mkdtemp(join(tmpdir(), 'gangway-screen-')), (path) =>
    rm(path, { recursive: true, force: true, maxRetries: 5 }),
  );
  for (const name of ['home', 'run', 'frame', 'services']) mkdirSync(join(folder, name), { mode: 0o700 });
  const start = (program: string, words: readonly string[], env: NodeJS.ProcessEnv): ChildProcess =>
    starting.adopt(
      // Some say on descriptor 3 where they can be found; the others never look.
      spawn(...dyingWithUs('KILL', program, words), { env, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] }),
      end,
    );

  const frame = join(folder, 'frame');
  const shape = `${SIZE.width}x${SIZE.height}x24`;
  const xvfb = start(
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', shape, '-nolisten', 'tcp', '-fbdir', frame],
    { PATH: process.env.PATH },
  );
  const display = await firstLine(xvfb);
  const environment = {
    PATH: process.env.PATH ?? '',
    HOME: join(folder, 'home'),
    DISPLAY: `:${display}`,
    XDG_RUNTIME_DIR: join(folder, 'run'),
    XDG_CURRENT_DESKTOP: 'XFCE',
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(folder, 'run', 'bus')}`,
    // Nobody reads the screen aloud.
    NO_AT_BRIDGE: '1',
    LANG: 'C.UTF-8',
  };
  const busFile = join(folder, 'bus.conf');
  writeFileSync(busFile, busConfiguration(folder));
  copyFileSync(XFCONF, join(folder, 'services', 'org.xfce.Xfconf.service'));
  const bus = start(
    'dbus-daemon',
    [`--config-file=${busFile}`, '--nofork', '--nopidfile', '--nosyslog', '--print-address=3'],
    environment,
  );
  await firstLine(bus);
  start('openbox', [], environment);
  const settings = join(environment.HOME, '.config/xfce4/xfconf/xfce-perchannel-xml');
  mkdirSync(settings, { recursive: true });
  writeFileSync(join(settings, 'xfce4-panel.xml'), panelSettings);
  start('xfce4-panel', [], environment);
  const dunst = join(folder, 'dunstrc');
  writeFileSync(dunst, NOTIFICATIONS);
  start('dunst', ['-config', dunst], environment);
  for (const name of ['org.kde.StatusNotifierWatcher', 'org.freedesktop.Notifications']) {
    await run('gdbus', ['wait', '--session', '--timeout', '20', name], { env: environment });
  }
  const running = starting.move();
  return {
    environment,
    picture: () => screenPicture(readFileSync(join(frame, 'Xvfb_screen0'))),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Says how the settings of the panel are served. Everything else that could start by itself stays out. */
const XFCONF = '/usr/share/dbus-1/services/org.xfce.Xfconf.service';

function busConfiguration(folder: string): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><keep_umask/><listen>unix:path=${join(folder, 'run', 'bus')}</listen>
<servicedir>${join(folder, 'services')}</servicedir><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy></busconfig>`;
}

/** They stay until somebody clicks them, and a click does what they offer. Of clients that connect nothing is shown. */
const NOTIFICATIONS = `[global]
origin = bottom-right
offset = 20x20
width = 360
timeout = 0
font = DejaVu Sans 10
mouse_left_click = do_action, close_current

[clients]
summary = "* is connected"
skip_display = yes
`;

async function firstLine(child: ChildProcess): Promise<string> {
  const failed = once(child, 'close').then(() => {
    throw new Error(`${child.spawnargs.join(' ')} did not start.`);
  });
  const said = once(child.stdio[3] as Readable, 'data').then(([bytes]) => String(bytes).trim());
  failed.catch(() => undefined);
  return Promise.race([said, failed]);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const unwilling = setTimeout(() => child.kill('SIGKILL'), END_MS);
  await ended;
  clearTimeout(unwilling);
}
