import { readFileSync } from 'node:fs';
import { Variant } from 'dbus-next';
import { type EventsOf, whole } from '../electron/announcer.ts';
import { doubleOf } from '../electron/menu.ts';
import type { Bus, Callee, ServedInterface } from './bus.ts';
import { notMapped, Telling } from './loud.ts';
import { MenuWire } from './menu-wire.ts';
import { type Picture, readPng } from './png.ts';
import { record } from './record.ts';

const ITEM = 'org.kde.StatusNotifierItem';
const ITEM_PATH = '/StatusNotifierItem';
const MENU = 'com.canonical.dbusmenu';
const MENU_PATH = '/com/canonical/dbusmenu';
const WATCHER: Callee = {
  name: 'org.kde.StatusNotifierWatcher',
  path: '/StatusNotifierWatcher',
  interface: 'org.kde.StatusNotifierWatcher',
};

type TrayEvents = {
  click: [event: Electron.KeyboardEvent, bounds: Electron.Rectangle, position: Electron.Point];
  'right-click': [event: Electron.KeyboardEvent, bounds: Electron.Rectangle];
};
type Members = 'destroy' | 'isDestroyed' | 'setContextMenu' | 'setImage' | 'setToolTip';

export interface TrayParts {
  /** Undefined where there is no session bus. */
  readonly bus: Bus | undefined;
  /** Of all icons of this process. */
  readonly number: number;
}

/**
 * Electron's `Tray` as Chromium does it on Linux: an item of the KDE/freedesktop Status Notifier Item specification,
 * whose menu the panel draws from com.canonical.dbusmenu.
 */
export class HostTray
  extends Telling<EventsOf<Electron.Tray, TrayEvents>>
  implements Pick<Electron.Tray, Members>, Disposable
{
  readonly #parts: TrayParts;
  readonly #served = new DisposableStack();
  #picture: Picture;
  #toolTip = '';
  #menu: MenuWire | undefined;
  #lastId = 0;
  #revision = 1;
  #isDestroyed = false;

  constructor(parts: TrayParts, image: Electron.NativeImage | string) {
    // On Linux the panel itself answers the right button, and Electron tells nobody.
    super('Tray', ['click'], ['right-click']);
    this.#parts = parts;
    this.#picture = pictureOf(image);
    void this.#register().catch(() => record({ what: 'tray-without-panel' }));
  }

  async #register(): Promise<void> {
    const { bus, number } = this.#parts;
    if (!bus) throw new Error('There is no session bus.');
    const name = `${ITEM}-${process.pid}-${number}`;
    await bus.own(name);
    if (this.#isDestroyed) return;
    this.#served.use(bus.serve(ITEM_PATH, { [ITEM]: this.#item() }));
    this.#served.use(bus.serve(MENU_PATH, { [MENU]: this.#dbusMenu() }));
    await bus.call(WATCHER, 'RegisterStatusNotifierItem', 's', name);
  }

  #item(): ServedInterface {
    return {
      properties: () => ({
        Category: new Variant('s', 'ApplicationStatus'),
        Id: new Variant('s', 'gangway'),
        Title: new Variant('s', 'Gangway'),
        Status: new Variant('s', 'Active'),
        WindowId: new Variant('i', 0),
        IconName: new Variant('s', ''),
        IconThemePath: new Variant('s', ''),
        IconPixmap: new Variant('a(iiay)', [pixmapOf(this.#picture)]),
        ToolTip: new Variant('(sa(iiay)ss)', ['', [], this.#toolTip, '']),
        ItemIsMenu: new Variant('b', false),
        Menu: new Variant('o', MENU_PATH),
      }),
      methods: {
        Activate: ([x, y]) => {
          const position = { x: Number(x), y: Number(y) };
          const bounds = { ...position, width: this.#picture.width, height: this.#picture.height };
          const keys = { altKey: false, shiftKey: false, ctrlKey: false, metaKey: false };
          this.announce(
            'click',
            whole<Electron.KeyboardEvent>({ ...keys, triggeredByAccelerator: false }),
            bounds,
            position,
          );
          return [''];
        },
        ContextMenu: () => [''],
        SecondaryActivate: () => [''],
        Scroll: () => [''],
      },
    };
  }

  #dbusMenu(): ServedInterface {
    const told = (id: unknown, event: unknown): void => {
      if (event !== 'clicked') return;
      const label = this.#menu?.press(Number(id)) ?? null;
      record({ what: 'menu-click', label });
      if (label !== null) this.#menuChanged();
    };
    return {
      properties: () => ({
        Version: new Variant('u', 3),
        Status: new Variant('s', 'normal'),
        TextDirection: new Variant('s', 'ltr'),
        IconThemePath: new Variant('as', []),
      }),
      methods: {
        GetLayout: ([parent]) => [
          'u(ia{sv}av)',
          this.#revision,
          this.#menu?.layout(Number(parent)) ?? [0, {}, []],
        ],
        GetGroupProperties: ([ids]) => ['a(ia{sv})', this.#menu?.properties(numbers(ids)) ?? []],
        GetProperty: ([id, name]) => {
          const [[, properties] = [0, {}]] = this.#menu?.properties([Number(id)]) ?? [];
          const all: Readonly<Record<string, Variant>> = properties;
          return ['v', all[String(name)] ?? new Variant('s', '')];
        },
        Event: ([id, event]) => {
          told(id, event);
          return [''];
        },
        EventGroup: ([events]) => {
          for (const [id, event] of Array.isArray(events) ? events : []) told(id, event);
          return ['ai', []];
        },
        AboutToShow: () => ['b', false],
        AboutToShowGroup: () => ['aiai', [], []],
      },
    };
  }

  setImage(image: Electron.NativeImage | string): void {
    this.#use();
    this.#picture = pictureOf(image);
    this.#parts.bus?.announce(ITEM_PATH, ITEM, 'NewIcon');
  }

  setToolTip(text: string): void {
    this.#use();
    this.#toolTip = text;
    this.#parts.bus?.announce(ITEM_PATH, ITEM, 'NewToolTip');
  }

  setContextMenu(menu: Electron.Menu | null): void {
    this.#use();
    const given = doubleOf(menu);
    this.#menu = given && new MenuWire(given, this.#lastId);
    this.#lastId = this.#menu?.last ?? this.#lastId;
    this.#menuChanged();
  }

  #menuChanged(): void {
    this.#revision += 1;
    this.#parts.bus?.announce(MENU_PATH, MENU, 'LayoutUpdated', 'ui', this.#revision, 0);
  }

  isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.#served.dispose();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  #use(): void {
    if (this.#isDestroyed) throw new Error('Tray is destroyed');
  }
}

function pictureOf(image: Electron.NativeImage | string): Picture {
  if (typeof image !== 'string') throw notMapped('an icon that is no file');
  try {
    return readPng(readFileSync(image));
  } catch (error) {
    throw new Error('Failed to load image from path', { cause: error });
  }
}

/** As the specification wants it: alpha, red, green, blue. */
function pixmapOf({ width, height, pixels }: Picture): [number, number, Buffer] {
  const bytes = Buffer.alloc(pixels.length);
  for (let at = 0; at < pixels.length; at += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = pixels.subarray(at, at + 4);
    bytes.set([alpha, red, green, blue], at);
  }
  return [width, height, bytes];
}

function numbers(values: unknown): number[] {
  return Array.isArray(values) ? values.map(Number) : [];
}
