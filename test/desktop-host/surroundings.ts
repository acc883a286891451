import { execFileSync } from 'node:child_process';
import type { EventsOf } from '../electron/announcer.ts';
import { Telling } from './loud.ts';
import { record } from './record.ts';

/** Electron's `shell`. No browser is started. */
export class HostShell implements Pick<Electron.Shell, 'openExternal'> {
  async openExternal(url: string): Promise<void> {
    record({ what: 'open', origin: new URL(url).origin });
  }
}

/** Electron's `clipboard`, in memory: nothing is on the clipboard of the screen. */
export class HostClipboard implements Pick<Electron.Clipboard, 'clear' | 'readText' | 'writeText'> {
  #text = '';

  async readText(): Promise<string> {
    return this.#text;
  }

  async writeText(text: string): Promise<void> {
    record({ what: 'clipboard', characters: text.length });
    this.#text = text;
  }

  clear(): void {
    this.#text = '';
  }
}

type ThemeMembers = 'shouldUseDarkColors' | 'shouldUseDarkColorsForSystemIntegratedUI';

/** Electron's `nativeTheme`: this desktop is light and stays so. */
export class HostTheme
  extends Telling<EventsOf<Electron.NativeTheme, { updated: [] }>>
  implements Pick<Electron.NativeTheme, ThemeMembers>
{
  readonly shouldUseDarkColors = false;
  readonly shouldUseDarkColorsForSystemIntegratedUI = false;

  constructor() {
    super('nativeTheme', [], ['updated']);
  }
}

type PowerEvents = { resume: []; shutdown: []; suspend: []; 'unlock-screen': []; 'lock-screen': [] };

/** Electron's `powerMonitor`: this computer never sleeps. */
export class HostPowerMonitor extends Telling<EventsOf<Electron.PowerMonitor, PowerEvents>> {
  constructor() {
    super('powerMonitor', [], ['resume', 'shutdown', 'suspend', 'unlock-screen', 'lock-screen']);
  }
}

/** Electron's `screen`: the real one of `DISPLAY`, without what bars take of it. */
export class HostScreen implements Pick<Electron.Screen, 'getAllDisplays' | 'getPrimaryDisplay'> {
  #display: Electron.Display | undefined;

  getPrimaryDisplay(): Electron.Display {
    this.#display ??= displayOf(execFileSync('xdotool', ['getdisplaygeometry'], { encoding: 'utf8' }));
    return this.#display;
  }

  getAllDisplays(): Electron.Display[] {
    return [this.getPrimaryDisplay()];
  }
}

/** @param text width and height. */
function displayOf(text: string): Electron.Display {
  const [width = 0, height = 0] = text.trim().split(' ').map(Number);
  const size = { width, height };
  const bounds = { x: 0, y: 0, ...size };
  return {
    ...{ id: 1, label: 'screen', rotation: 0, scaleFactor: 1, internal: false, detected: true },
    ...{ accelerometerSupport: 'unavailable', touchSupport: 'unavailable', monochrome: false },
    ...{ colorDepth: 24, depthPerComponent: 8, colorSpace: 'srgb', displayFrequency: 60 },
    ...{ bounds, workArea: bounds, size, workAreaSize: size, nativeOrigin: { x: 0, y: 0 } },
    maximumCursorSize: { width: 64, height: 64 },
  };
}
