import { clicked } from '../invariants/openers.ts';
import { Announcer, type EventsOf, type Preventable, preventable, whole } from './announcer.ts';

type Template = Electron.MenuItemConstructorOptions;
type ItemMembers =
  | ('accelerator' | 'checked' | 'enabled' | 'id' | 'label' | 'sublabel' | 'toolTip' | 'type' | 'visible')
  | 'role';

/** One item as a person sees it. */
export class DoubleMenuItem implements Pick<Electron.MenuItem, Exclude<ItemMembers, 'role'>> {
  readonly id: string;
  readonly type: Electron.MenuItem['type'];
  readonly role: Template['role'];
  readonly accelerator: string | null;
  readonly submenu: DoubleMenu | undefined;
  readonly icon: Template['icon'];
  label: string;
  sublabel: string;
  toolTip: string;
  enabled: boolean;
  visible: boolean;
  checked: boolean;
  readonly #click: Template['click'];

  constructor(template: Template) {
    const { label, role, submenu } = template;
    const type = template.type ?? (submenu ? 'submenu' : 'normal');
    if (label === undefined && role === undefined && template.type === undefined) {
      throw new TypeError('Invalid template for MenuItem: must have at least one of label, role or type');
    }
    if (type === 'submenu' && !submenu) throw new Error('Invalid submenu');
    this.id = template.id ?? '';
    this.type = type;
    this.role = role;
    this.label = label ?? '';
    this.sublabel = template.sublabel ?? '';
    this.toolTip = template.toolTip ?? '';
    this.accelerator = template.accelerator ?? null;
    this.icon = template.icon;
    this.enabled = template.enabled ?? true;
    this.visible = template.visible ?? true;
    this.checked = template.checked ?? false;
    this.submenu = Array.isArray(submenu) ? new DoubleMenu(submenu) : undefined;
    this.#click = template.click;
  }

  /** Clicks it as a person would. @throws Error when that cannot be done. */
  press(group: readonly DoubleMenuItem[]): void {
    if (!this.visible || !this.enabled) throw new Error(`Nobody can click '${this.label}'.`);
    if (this.type === 'submenu' || this.type === 'separator' || this.type === 'header') {
      throw new Error(`A click on '${this.label}' does nothing.`);
    }
    if (this.type === 'checkbox') this.checked = !this.checked;
    if (this.type === 'radio') for (const other of group) other.checked = other === this;
    clicked();
    this.#click?.(whole<Electron.MenuItem>(this.#shape()), undefined, {});
  }

  #shape(): Pick<Electron.MenuItem, 'checked' | 'id' | 'label'> {
    return { checked: this.checked, id: this.id, label: this.label };
  }
}

type MenuEvents = { 'menu-will-close': [event: Preventable]; 'menu-will-show': [event: Preventable] };

/** A menu, made of a template. */
export class DoubleMenu extends Announcer<EventsOf<Electron.Menu, MenuEvents>> {
  readonly rows: readonly DoubleMenuItem[];
  /** How often it was put up at the pointer. */
  popups = 0;

  constructor(template: readonly Template[]) {
    super(['menu-will-close', 'menu-will-show']);
    this.rows = template.map((row) => new DoubleMenuItem(row));
  }

  popup(_options?: Electron.PopupOptions): void {
    this.popups += 1;
  }

  closePopup(): void {
    this.announce('menu-will-close', preventable());
  }

  /** What a person reads, separators as dashes, submenus as lists. */
  get texts(): unknown[] {
    return this.rows
      .filter(({ visible }) => visible)
      .map(({ type, label, submenu }) => {
        if (type === 'separator') return '-';
        return submenu ? [label, submenu.texts] : label;
      });
  }

  /** The item behind labels, from the top down. A label may be given by its beginning when that is enough. */
  find(...labels: readonly string[]): DoubleMenuItem {
    return this.#find(labels).item;
  }

  click(...labels: readonly string[]): void {
    const { item, menu } = this.#find(labels);
    item.press(groupOf(menu.rows, item));
  }

  #find([label = '', ...deeper]: readonly string[]): { item: DoubleMenuItem; menu: DoubleMenu } {
    const shown = this.rows.filter(({ visible, type }) => visible && type !== 'separator');
    const exact = shown.filter((row) => row.label === label);
    const [item, second] = exact.length > 0 ? exact : shown.filter((row) => row.label.startsWith(label));
    if (!item || second) {
      const there = shown.map((row) => `'${row.label}'`).join(', ');
      throw new Error(
        `${second ? 'Several items are' : 'No item is'} called '${label}'. There are ${there}.`,
      );
    }
    if (deeper.length === 0) return { item, menu: this };
    if (!item.submenu) throw new Error(`'${label}' has no submenu.`);
    return item.submenu.#find(deeper);
  }
}

/** Radio items between the same separators exclude each other. */
function groupOf(rows: readonly DoubleMenuItem[], item: DoubleMenuItem): DoubleMenuItem[] {
  const place = rows.indexOf(item);
  const ends = (row: DoubleMenuItem): boolean => row.type !== 'radio';
  const before = rows.slice(0, place).findLastIndex(ends);
  const after = rows.slice(place).findIndex(ends);
  return rows.slice(before + 1, after < 0 ? undefined : place + after);
}

/** What a double knows of a menu that Electron's types hide. */
export function doubleOf(given: Electron.Menu | null | undefined): DoubleMenu | undefined {
  if (!given) return undefined;
  if (given instanceof DoubleMenu) return given;
  throw new Error('A menu that the double of Electron did not make.');
}

/** A menu of a template, as `Menu.buildFromTemplate` makes it. */
export function buildFromTemplate(template: (Template | Electron.MenuItem)[]): Electron.Menu {
  const rows = template.filter((row): row is Template => !(row instanceof DoubleMenuItem));
  if (rows.length < template.length) throw new Error('The double of Electron takes templates only.');
  return whole<Electron.Menu>(new DoubleMenu(rows));
}
