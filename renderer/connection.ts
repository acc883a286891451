import { createORPCClient } from '@orpc/client';
import { RPCLink as HttpLink } from '@orpc/client/fetch';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import type { control } from '#contract/control.ts';
import type { desktop } from '#contract/desktop.ts';

/** Calls the bridge. Failures are told by `failureOf`. */
export type ControlClient = ContractRouterClient<typeof control>;

/** Calls the desktop app around the window. */
export type DesktopClient = ContractRouterClient<typeof desktop>;

/** What stands behind the window. */
export interface Gangway {
  readonly control: ControlClient;
  /** Absent in a browser: the panel has no desktop app around it. */
  readonly desktop: DesktopClient | undefined;
}

/** What the desktop app's preload puts on the window: text to the main process and back, nothing else. */
interface WindowDoor {
  send(text: string): void;
  /** @returns what stops listening. */
  listen(listener: (text: string) => void): () => void;
}

declare global {
  interface Window {
    readonly gangway?: WindowDoor;
  }
}

/** The way to the bridge: through the desktop app where there is one, else to the panel that served this page. */
export function connect(): Gangway {
  const door = window.gangway;
  if (door) {
    // The client makes its parts when they are asked for, so it cannot be spread or copied.
    const client = createORPCClient<{ control: ControlClient; desktop: DesktopClient }>(
      new PortLink({ port: portOf(door) }),
    );
    return { control: client.control, desktop: client.desktop };
  }
  const { control: panel } = createORPCClient<{ control: ControlClient }>(
    new HttpLink({ url: `${location.origin}/rpc` }),
  );
  return { control: panel, desktop: undefined };
}

/** The door as oRPC's message-port adapter wants it. It stays open for as long as the window does. */
function portOf(door: WindowDoor): {
  on(event: string, listener: (event?: { data: string }) => void): void;
  postMessage(message: unknown): void;
} {
  return {
    on: (event, listener) => {
      if (event === 'message') door.listen((text) => listener({ data: text }));
    },
    postMessage: (message) => {
      if (typeof message === 'string') door.send(message);
    },
  };
}
