import type { CallOptions, ControlClient } from '#bridge/control/client.ts';
import { controlThrough } from '#bridge/control/through.ts';
import { readWindowFiles } from '#bridge/panel/files.ts';
import { openPanel, type Panel } from '#bridge/panel/server.ts';
import { BridgeError } from '#contract/errors.ts';

/** The real panel in front of a bridge, with a way to lose the bridge behind it. */
export interface WindowPanel extends Panel {
  readonly origin: string;
  /** Ends every stream and refuses every call, as if the owner were gone. */
  lose(): void;
  /** The owner is back. */
  find(): void;
}

/** Serves a built window to this computer. */
export async function startPanel(control: ControlClient, folder: string): Promise<WindowPanel> {
  let owner = new AbortController();
  const files = await readWindowFiles(folder);
  const router = { control: controlThrough(reachableWhile(control, () => owner.signal)) };
  const panel = await openPanel({ port: 0, files, router });
  return {
    port: panel.port,
    origin: `http://127.0.0.1:${panel.port}`,
    link: () => panel.link(),
    lose: () => owner.abort(new BridgeError('stopping', 'Gangway has stopped. Start it again.')),
    find: () => {
      owner = new AbortController();
    },
    [Symbol.asyncDispose]: () => panel[Symbol.asyncDispose](),
  };
}

type Call = (input: unknown, options?: CallOptions) => Promise<unknown>;

/** The same client, whose calls fail and whose streams end once the signal of that time aborts. */
function reachableWhile(client: ControlClient, now: () => AbortSignal): ControlClient {
  const wrapped = (part: object): object =>
    new Proxy(part, {
      get: (target, name) => {
        const found: unknown = Reflect.get(target, name);
        return typeof found === 'object' || typeof found === 'function' ? wrapped(found ?? {}) : found;
      },
      apply: async (target, _, [input, options]: Parameters<Call>) => {
        const signal = now();
        signal.throwIfAborted();
        const both = options?.signal ? AbortSignal.any([signal, options.signal]) : signal;
        return Reflect.apply(target as Call, undefined, [input, { ...options, signal: both }]);
      },
    });
  return wrapped(client) as ControlClient;
}
