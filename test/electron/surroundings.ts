import { openedBy } from '../invariants/openers.ts';
import { Announcer, type EventsOf, type Preventable, preventable } from './announcer.ts';

/** Electron's `shell`: what left for other programs. */
export class DoubleShell implements Pick<Electron.Shell, 'openExternal' | 'openPath' | 'beep'> {
  readonly opened: string[] = [];
  /** Files. */
  readonly openedPaths: string[] = [];
  beeps = 0;
  /** Why nothing can be opened. */
  trouble: Error | undefined;

  async openExternal(url: string): Promise<void> {
    if (this.trouble) throw this.trouble;
    openedBy('the desktop');
    this.opened.push(url);
  }

  /** Rejects never; what went wrong is said in words. */
  async openPath(path: string): Promise<string> {
    if (this.trouble) return this.trouble.message;
    this.openedPaths.push(path);
    return '';
  }

  beep(): void {
    this.beeps += 1;
  }
}

type ClipboardMembers = 'readText' | 'writeText' | 'clear';

/** Electron's `clipboard`. Writing it is what copying in any other program does, too. */
export class DoubleClipboard implements Pick<Electron.Clipboard, ClipboardMembers> {
  text = '';

  async readText(): Promise<string> {
    return this.text;
  }

  async writeText(text: string): Promise<void> {
    this.text = text;
  }

  clear(): void {
    this.text = '';
  }
}

type ThemeMembers = 'shouldUseDarkColors' | 'shouldUseDarkColorsForSystemIntegratedUI' | 'themeSource';

/** Electron's `nativeTheme`. */
export class DoubleTheme
  extends Announcer<EventsOf<Electron.NativeTheme, { updated: [] }>>
  implements Pick<Electron.NativeTheme, ThemeMembers>
{
  themeSource: 'system' | 'light' | 'dark' = 'system';
  #isDark = false;
  #isTaskbarDark = false;

  constructor() {
    super(['updated']);
  }

  get shouldUseDarkColors(): boolean {
    return this.themeSource === 'system' ? this.#isDark : this.themeSource === 'dark';
  }

  get shouldUseDarkColorsForSystemIntegratedUI(): boolean {
    return this.#isTaskbarDark;
  }

  /** A person chooses light or dark for the whole desktop. On Windows the taskbar has a choice of its own. */
  become(theme: 'light' | 'dark', taskbar = theme): void {
    this.#isDark = theme === 'dark';
    this.#isTaskbarDark = taskbar === 'dark';
    this.announce('updated');
  }
}

type PowerEvents = {
  'lock-screen': [];
  'on-ac': [];
  'on-battery': [];
  resume: [];
  shutdown: [];
  suspend: [];
  'unlock-screen': [];
};

/** Electron's `powerMonitor`. */
export class DoublePowerMonitor extends Announcer<EventsOf<Electron.PowerMonitor, PowerEvents>> {
  constructor() {
    super(['lock-screen', 'on-ac', 'on-battery', 'resume', 'shutdown', 'suspend', 'unlock-screen']);
  }
}

type ScreenEvents = {
  'display-added': [event: Preventable, display: Electron.Display];
  'display-metrics-changed': [event: Preventable, display: Electron.Display, changed: string[]];
  'display-removed': [event: Preventable, display: Electron.Display];
};

type ScreenMembers = 'getAllDisplays' | 'getPrimaryDisplay' | 'getDisplayMatching';

/** Electron's `screen`. */
export class DoubleScreen
  extends Announcer<EventsOf<Electron.Screen, ScreenEvents>>
  implements Pick<Electron.Screen, ScreenMembers>
{
  displays: Electron.Display[] = [display({ x: 0, y: 0, width: 1920, height: 1080 })];

  constructor() {
    super(['display-added', 'display-metrics-changed', 'display-removed']);
  }

  getAllDisplays(): Electron.Display[] {
    return [...this.displays];
  }

  getPrimaryDisplay(): Electron.Display {
    const [primary] = this.displays;
    if (!primary) throw new Error('There is no display.');
    return primary;
  }

  getDisplayMatching(rectangle: Electron.Rectangle): Electron.Display {
    const overlap = ({ bounds }: Electron.Display): number => {
      const width =
        Math.min(bounds.x + bounds.width, rectangle.x + rectangle.width) - Math.max(bounds.x, rectangle.x);
      const height =
        Math.min(bounds.y + bounds.height, rectangle.y + rectangle.height) - Math.max(bounds.y, rectangle.y);
      return Math.max(width, 0) * Math.max(height, 0);
    };
    return [...this.displays].sort((a, b) => overlap(b) - overlap(a))[0] ?? this.getPrimaryDisplay();
  }

  /** A person plugs displays in or out; the first is the primary one. */
  become(...areas: readonly Electron.Rectangle[]): void {
    this.displays = areas.map(display);
    this.announce('display-metrics-changed', preventable(), this.getPrimaryDisplay(), ['bounds', 'workArea']);
  }
}

/** A display of this size, with a bar of 40 pixels at its top. */
export function display(bounds: Electron.Rectangle, id = 1): Electron.Display {
  const { x, y, width, height } = bounds;
  return {
    ...{ id, label: 'a display', bounds, rotation: 0, scaleFactor: 1, internal: true, detected: true },
    ...{ accelerometerSupport: 'unavailable', touchSupport: 'unavailable', monochrome: false },
    ...{ colorDepth: 24, depthPerComponent: 8, colorSpace: 'srgb', displayFrequency: 60 },
    size: { width, height },
    maximumCursorSize: { width: 64, height: 64 },
    nativeOrigin: { x, y },
    workArea: { x, y: y + 40, width, height: height - 40 },
    workAreaSize: { width, height: height - 40 },
  };
}
