import { Announcer, type EventsOf, whole } from './announcer.ts';
import { type DoubleImage, doubleOf as imageOf } from './image.ts';
import { type DoubleMenu, doubleOf as menuOf } from './menu.ts';

type TrayEvents = {
  click: [event: Electron.KeyboardEvent, bounds: Electron.Rectangle, position: Electron.Point];
  'right-click': [event: Electron.KeyboardEvent, bounds: Electron.Rectangle];
  'double-click': [event: Electron.KeyboardEvent, bounds: Electron.Rectangle];
  'balloon-click': [];
  'balloon-closed': [];
};

type Members =
  | ('setImage' | 'setPressedImage' | 'setToolTip' | 'setTitle' | 'setContextMenu' | 'getBounds')
  | ('popUpContextMenu' | 'closeContextMenu' | 'displayBalloon' | 'destroy' | 'isDestroyed');

const PLACE: Electron.Rectangle = { x: 1000, y: 0, width: 22, height: 22 };

/** The icon in the tray, with everything it was told so far. */
export class DoubleTray
  extends Announcer<EventsOf<Electron.Tray, TrayEvents>>
  implements Pick<Electron.Tray, Members>
{
  readonly guid: string | undefined;
  readonly images: DoubleImage[] = [];
  readonly toolTips: string[] = [];
  readonly balloons: Electron.DisplayBalloonOptions[] = [];
  /** Every menu it had, the latest last. */
  readonly menus: DoubleMenu[] = [];
  /** Menus put up by a click. */
  readonly popups: DoubleMenu[] = [];
  title = '';
  #menu: DoubleMenu | undefined;
  #isDestroyed = false;

  constructor(image: Electron.NativeImage | string, guid?: string) {
    super(['click', 'right-click', 'double-click', 'balloon-click', 'balloon-closed']);
    this.guid = guid;
    // As Electron does.
    if (typeof image === 'string' && imageOf(image).isEmpty())
      throw new Error('Failed to load image from path');
    this.setImage(image);
  }

  get image(): DoubleImage {
    const image = this.images.at(-1);
    if (!image) throw new Error('The tray icon has no image.');
    return image;
  }

  get toolTip(): string {
    return this.toolTips.at(-1) ?? '';
  }

  /** The menu it has now. @throws Error when it has none. */
  get menu(): DoubleMenu {
    if (!this.#menu) throw new Error('The tray icon has no menu.');
    return this.#menu;
  }

  setImage(image: Electron.NativeImage | string): void {
    this.#use();
    this.images.push(imageOf(image));
  }

  setPressedImage(_image: Electron.NativeImage | string): void {
    this.#use();
  }

  setToolTip(text: string): void {
    this.#use();
    this.toolTips.push(text);
  }

  setTitle(text: string): void {
    this.#use();
    this.title = text;
  }

  setContextMenu(menu: Electron.Menu | null): void {
    this.#use();
    this.#menu = menuOf(menu);
    if (this.#menu) this.menus.push(this.#menu);
  }

  popUpContextMenu(menu?: Electron.Menu): void {
    this.#use();
    this.popups.push(menuOf(menu) ?? this.menu);
  }

  closeContextMenu(): void {
    this.#use();
  }

  displayBalloon(options: Electron.DisplayBalloonOptions): void {
    this.#use();
    this.balloons.push(options);
  }

  getBounds(): Electron.Rectangle {
    return PLACE;
  }

  destroy(): void {
    this.#isDestroyed = true;
  }

  isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  /** A person clicks the icon. */
  press(): void {
    this.#use();
    this.announce('click', whole<Electron.KeyboardEvent>({}), PLACE, { x: PLACE.x, y: PLACE.y });
  }

  /** A person clicks it with the other button. */
  pressRight(): void {
    this.#use();
    this.announce('right-click', whole<Electron.KeyboardEvent>({}), PLACE);
  }

  #use(): void {
    if (this.#isDestroyed) throw new Error('Tray is destroyed');
  }
}
