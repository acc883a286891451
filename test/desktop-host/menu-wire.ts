import { Variant } from 'dbus-next';
import type { DoubleMenu, DoubleMenuItem } from '../electron/menu.ts';
import { notMapped } from './loud.ts';

/** An item and the items of which it is one. */
interface Placed {
  readonly item: DoubleMenuItem;
  readonly among: readonly DoubleMenuItem[];
}

type Layout = readonly [
  id: number,
  properties: Readonly<Record<string, Variant>>,
  children: readonly Variant[],
];

/** Above every item. */
const ROOT = 0;

/**
 * A menu as com.canonical.dbusmenu tells it. Ids are never used twice, so that a click on a menu that was replaced
 * meanwhile presses nothing.
 */
export class MenuWire {
  readonly #menu: DoubleMenu;
  readonly #placed = new Map<number, Placed>();
  readonly #ids = new Map<DoubleMenuItem, number>();
  #last: number;

  /** @param last the highest id in use before. */
  constructor(menu: DoubleMenu, last: number) {
    this.#menu = menu;
    this.#last = last;
    this.#number(menu);
  }

  get last(): number {
    return this.#last;
  }

  #number(menu: DoubleMenu): void {
    for (const item of menu.rows) {
      this.#last += 1;
      this.#ids.set(item, this.#last);
      this.#placed.set(this.#last, { item, among: menu.rows });
      if (item.submenu) this.#number(item.submenu);
    }
  }

  /** The items below an item, whole. An id that is not there has none. */
  layout(parent: number): Layout {
    if (parent === ROOT)
      return [ROOT, { 'children-display': new Variant('s', 'submenu') }, this.#rows(this.#menu)];
    const found = this.#placed.get(parent);
    return found ? this.#branch(parent, found.item) : [parent, {}, []];
  }

  #rows(menu: DoubleMenu): Variant[] {
    return menu.rows.map(
      (item) => new Variant('(ia{sv}av)', this.#branch(this.#ids.get(item) ?? ROOT, item)),
    );
  }

  #branch(id: number, item: DoubleMenuItem): Layout {
    return [id, propertiesOf(item), item.submenu ? this.#rows(item.submenu) : []];
  }

  /** What is said of these items; of all when none is named. */
  properties(ids: readonly number[]): [number, Readonly<Record<string, Variant>>][] {
    const wanted = ids.length > 0 ? ids : [...this.#placed.keys()];
    return wanted.flatMap((id) => {
      const found = this.#placed.get(id);
      return found ? [[id, propertiesOf(found.item)]] : [];
    });
  }

  /** A person clicked it. @returns its label; undefined when it is no item that can be clicked. */
  press(id: number): string | undefined {
    const found = this.#placed.get(id);
    if (!found?.item.enabled || !found.item.visible || found.item.submenu) return undefined;
    // Roles do things of their own in Electron; none of them is in a menu of a tray.
    if (found.item.role !== undefined) throw notMapped(`menu role '${found.item.role}'`);
    found.item.press(groupOf(found));
    return found.item.label;
  }
}

/** Radio items that stand together exclude each other. */
function groupOf({ item, among }: Placed): DoubleMenuItem[] {
  const place = among.indexOf(item);
  const isOther = ({ type }: DoubleMenuItem): boolean => type !== 'radio';
  const start = among.slice(0, place).findLastIndex(isOther) + 1;
  const length = among.slice(place).findIndex(isOther);
  return among.slice(start, length < 0 ? undefined : place + length);
}

function propertiesOf(item: DoubleMenuItem): Readonly<Record<string, Variant>> {
  if (item.type === 'separator') return { type: new Variant('s', 'separator') };
  const isTicked = item.type === 'checkbox' || item.type === 'radio';
  return {
    label: new Variant('s', labelOf(item.label)),
    enabled: new Variant('b', item.enabled),
    visible: new Variant('b', item.visible),
    ...(item.submenu ? { 'children-display': new Variant('s', 'submenu') } : {}),
    ...(isTicked
      ? {
          'toggle-type': new Variant('s', item.type === 'radio' ? 'radio' : 'checkmark'),
          'toggle-state': new Variant('i', item.checked ? 1 : 0),
        }
      : {}),
  };
}

/** Electron marks the key of an item with `&`, the bus with `_`; each doubles the sign to mean itself. */
function labelOf(label: string): string {
  return label
    .replaceAll('_', '__')
    .replaceAll(/&(&|.|$)/g, (_all, next: string) => (next === '&' ? '&' : next === '' ? '' : `_${next}`));
}
