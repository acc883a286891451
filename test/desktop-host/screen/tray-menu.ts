import type { Variant } from 'dbus-next';
import type { Bus, Callee } from '../bus.ts';

/** An item of the menu as the panel gets it. */
export interface MenuRow {
  readonly label: string;
  readonly isSeparator: boolean;
  /** The keyboard stops here. */
  readonly canBeChosen: boolean;
  readonly isTicked: boolean;
  readonly rows: readonly MenuRow[];
}

const WATCHER: Callee = {
  name: 'org.kde.StatusNotifierWatcher',
  path: '/StatusNotifierWatcher',
  interface: 'org.freedesktop.DBus.Properties',
};

/** Names of the icons that the panel knows of. */
export async function registeredIcons(bus: Bus): Promise<string[]> {
  const [value] = await bus.call(
    WATCHER,
    'Get',
    'ss',
    'org.kde.StatusNotifierWatcher',
    'RegisteredStatusNotifierItems',
  );
  const { value: items } = value as Variant<string[]>;
  return items.map((item) => item.split('/')[0] ?? '');
}

/** Reads the menu of the one icon there is, as the panel does. */
export async function readTrayMenu(bus: Bus): Promise<readonly MenuRow[]> {
  const [name, second] = await registeredIcons(bus);
  if (name === undefined || second !== undefined)
    throw new Error('There is not exactly one icon in the tray.');
  const item: Callee = { name, path: '/StatusNotifierItem', interface: 'org.freedesktop.DBus.Properties' };
  const [menu] = await bus.call(item, 'Get', 'ss', 'org.kde.StatusNotifierItem', 'Menu');
  const { value: path } = menu as Variant<string>;
  const callee: Callee = { name, path, interface: 'com.canonical.dbusmenu' };
  const [, root] = await bus.call(callee, 'GetLayout', 'iias', 0, -1, []);
  return rowOf(root as Layout).rows;
}

type Layout = readonly [number, Readonly<Record<string, Variant>>, readonly Variant<Layout>[]];

function rowOf([, properties, children]: Layout): MenuRow {
  const is = (name: string, value: unknown): boolean => properties[name]?.value === value;
  const isSeparator = is('type', 'separator');
  return {
    label: String(properties.label?.value ?? '').replaceAll('__', '_'),
    isSeparator,
    canBeChosen: !isSeparator && !is('enabled', false) && !is('visible', false),
    isTicked: is('toggle-state', 1),
    rows: children.map(({ value }) => rowOf(value)),
  };
}

/**
 * What somebody presses to choose the item behind these labels in the open menu; each may be given by its beginning.
 * @throws Error when there is no such item.
 */
export function keysTo(rows: readonly MenuRow[], labels: readonly string[]): string[] {
  // The first step goes onto the first item.
  return ['Down', ...stepsTo(rows, labels)];
}

/** From the first item on. */
function stepsTo(rows: readonly MenuRow[], [label = '', ...deeper]: readonly string[]): string[] {
  const stops = rows.filter(({ canBeChosen }) => canBeChosen);
  const place = stops.findIndex((row) => row.label.startsWith(label));
  const row = stops[place];
  if (!row) throw new Error(`No item '${label}' among ${stops.map((stop) => `'${stop.label}'`).join(', ')}.`);
  const steps = Array.from({ length: place }, () => 'Down');
  return deeper.length === 0 ? [...steps, 'Return'] : [...steps, 'Right', ...stepsTo(row.rows, deeper)];
}
