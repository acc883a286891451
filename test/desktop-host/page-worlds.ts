/*
 * What runs inside a page, given to Chromium as text: the functions below must use nothing from outside of themselves.
 * The preload script has a world of its own as in Electron, with its own globals, and both worlds share only the
 * document. Values and functions cross between them by events, which Chromium copies from world to world.
 */

/** Chromium's name of the world in which preload scripts run, as Electron calls it. */
export const PRELOAD_WORLD = 'Electron Isolated Context';

/** Names that both sides of a page agree on. */
const NAMES = {
  /** To the host; only the world of the preload script has it. */
  post: 'desktopHostPost',
  /** From the host, in the same world. */
  deliver: 'desktopHostDeliver',
  expose: 'desktop-host-expose',
  /** Calls of functions that live in the page or in the preload script. */
  toPage: 'desktop-host-to-page',
  toPreload: 'desktop-host-to-preload',
} as const;
type Names = typeof NAMES;

export const POST = NAMES.post;

/** What a page tells the host. */
export type PagePost =
  | { readonly kind: 'send'; readonly channel: string; readonly values: readonly unknown[] }
  | { readonly kind: 'trouble'; readonly text: string };

type Crossing =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'function'; readonly id: number }
  | { readonly kind: 'list'; readonly items: readonly Crossing[] }
  | { readonly kind: 'object'; readonly members: Readonly<Record<string, Crossing>> };

interface CallDetail {
  readonly id: number;
  readonly values: readonly Crossing[];
}

interface Bridge {
  encode(value: unknown): Crossing;
  decode(crossing: Crossing): unknown;
}

/** What is used of a window here. */
interface Surroundings extends Record<string, unknown> {
  readonly top: unknown;
  addEventListener(type: string, listener: (event: { readonly detail: unknown }) => void): void;
  dispatchEvent(event: Event): boolean;
}

/** One side of the bridge between worlds: functions stay where they are and are called across. */
function openBridge(page: Surroundings, hears: string, calls: string): Bridge {
  const own = new Map<number, (...values: unknown[]) => unknown>();
  let failure = '';
  page.addEventListener(hears, ({ detail }) => {
    const { id, values } = detail as CallDetail;
    const result = own.get(id)?.(...values.map(decode));
    if (result !== undefined && typeof result !== 'function') failure = 'results other than functions';
    // Events are heard before dispatchEvent returns, so the answer is there when the caller looks.
    page.dispatchEvent(new CustomEvent(`${hears}-answer`, { detail: { failure, result: encode(result) } }));
  });

  function encode(value: unknown): Crossing {
    if (typeof value === 'function') {
      const id = own.size + 1;
      own.set(id, value as (...values: unknown[]) => unknown);
      return { kind: 'function', id };
    }
    if (Array.isArray(value)) return { kind: 'list', items: value.map(encode) };
    if (typeof value === 'object' && value !== null) {
      const members = Object.entries(value).map(([name, member]) => [name, encode(member)]);
      return { kind: 'object', members: Object.fromEntries(members) };
    }
    return { kind: 'value', value };
  }

  function decode(crossing: Crossing): unknown {
    if (crossing.kind === 'value') return crossing.value;
    if (crossing.kind === 'list') return crossing.items.map(decode);
    if (crossing.kind === 'object') {
      const members = Object.entries(crossing.members).map(([name, member]) => [name, decode(member)]);
      return Object.freeze(Object.fromEntries(members));
    }
    const { id } = crossing;
    return (...values: unknown[]) => {
      page.dispatchEvent(new CustomEvent(calls, { detail: { id, values: values.map(encode) } }));
      const { failure: because, result } = answer as { failure: string; result: Crossing };
      if (because) throw new Error(`desktop host: not mapped: ${because} over contextBridge`);
      return decode(result);
    };
  }

  let answer: unknown;
  page.addEventListener(`${calls}-answer`, ({ detail }) => {
    answer = detail;
  });
  return { encode, decode };
}

/** In the page's own world: puts up what the preload script exposes. */
function runInPage(page: Surroundings, names: Names, open: typeof openBridge): void {
  if (page.top !== page) return;
  const bridge = open(page, names.toPage, names.toPreload);
  page.addEventListener(names.expose, ({ detail }) => {
    const { name, value } = detail as { name: string; value: Crossing };
    Object.defineProperty(page, name, { value: bridge.decode(value), enumerable: true });
  });
}

type Preload = (require: (name: string) => unknown, module: object, exports: object) => void;

/** In a world of its own: runs the preload script with what a sandboxed one may have. */
function runPreload(page: Surroundings, names: Names, open: typeof openBridge, preload: Preload): void {
  // Sandboxed preload scripts run in the main frame only.
  if (page.top !== page) return;
  const post = page[names.post] as (text: string) => void;
  const tell = (message: PagePost): void => post(JSON.stringify(message));
  const notMapped = (what: string): Error => {
    const text = `desktop host: not mapped: ${what}`;
    tell({ kind: 'trouble', text });
    return new Error(text);
  };
  const known = <T extends object>(name: string, part: T): T =>
    new Proxy(part, {
      get: (_part, member) => {
        if (!(member in part)) throw notMapped(`${name}.${String(member)}`);
        return Reflect.get(part, member, part);
      },
    });
  const bridge = open(page, names.toPreload, names.toPage);
  type Listener = (event: object, ...values: unknown[]) => void;
  const listeners = new Map<string, Set<Listener>>();
  const off = (channel: string, listener: Listener): void => void listeners.get(channel)?.delete(listener);
  page[names.deliver] = (channel: string, values: unknown[]) => {
    for (const listener of [...(listeners.get(channel) ?? [])]) listener({}, ...values);
  };
  const electron = known('electron in a preload script', {
    contextBridge: known('contextBridge', {
      exposeInMainWorld: (name: string, value: unknown) => {
        page.dispatchEvent(new CustomEvent(names.expose, { detail: { name, value: bridge.encode(value) } }));
      },
    }),
    ipcRenderer: known('ipcRenderer', {
      send: (channel: string, ...values: unknown[]) => tell({ kind: 'send', channel, values }),
      on: (channel: string, listener: Listener) => {
        listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener));
      },
      off,
      removeListener: off,
    }),
  });
  const require = (name: string): unknown => {
    if (name === 'electron') return electron;
    throw notMapped(`the module ${name} in a sandboxed preload script`);
  };
  try {
    preload(require, { exports: {} }, {});
  } catch (error) {
    tell({ kind: 'trouble', text: `desktop host: the preload script failed: ${String(error)}` });
  }
}

/** Runs in every page before its own scripts. */
export function pageScript(): string {
  return `(${runInPage})(window, ${JSON.stringify(NAMES)}, ${openBridge});`;
}

/** Runs in the preload world of every page. @param text the built preload script, a CommonJS module. */
export function preloadScript(text: string): string {
  const preload = `function (require, module, exports) {\n${text}\n}`;
  return `(${runPreload})(window, ${JSON.stringify(NAMES)}, ${openBridge}, ${preload});`;
}

/** Delivers a message to the listeners of the preload script. */
export function deliveryScript(channel: string, values: readonly unknown[]): string {
  return `window.${NAMES.deliver}?.(${JSON.stringify(channel)}, ${JSON.stringify(values)})`;
}
