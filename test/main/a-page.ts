import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import type { ControlClient } from '#bridge/control/client.ts';
import type { desktop as desktopContract } from '#contract/desktop.ts';
import { collect } from '../canary/collect.ts';
import { desktop } from '../electron/desktop.ts';
import type { DoubleWindow } from '../electron/window.ts';
import { runFresh } from './run-fresh.ts';

/** What the preload script puts on the window. */
export interface Door {
  send(text: string): void;
  listen(listener: (text: string) => void): () => void;
}

/** What a page of ours can call. */
export interface PageClient {
  readonly control: ControlClient;
  readonly desktop: ContractRouterClient<typeof desktopContract>;
}

/** Runs the real preload script in the page of a window, as Electron does before each document. */
export async function preload(window: DoubleWindow): Promise<Door> {
  desktop().page = window.page;
  await runFresh('preload.ts');
  const door = window.page.exposed.get('gangway');
  if (!isDoor(door)) throw new Error('The preload script put no door on the window.');
  return door;
}

function isDoor(given: unknown): given is Door {
  return typeof given === 'object' && given !== null && 'send' in given && 'listen' in given;
}

/** A page as the window's own: it calls through the door, and all it hears is searched for secrets. */
export async function pageOf(window: DoubleWindow): Promise<PageClient> {
  const door = await preload(window);
  const port = {
    on: (event: string, listener: (event?: { data: string }) => void) => {
      if (event !== 'message') return;
      door.listen((text) => {
        collect('what the page heard', text);
        listener({ data: text });
      });
    },
    postMessage: (message: unknown) => {
      if (typeof message === 'string') door.send(message);
    },
  };
  return createORPCClient<{ control: ControlClient; desktop: PageClient['desktop'] }>(new RPCLink({ port }));
}
