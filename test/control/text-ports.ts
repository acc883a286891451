import { RPCLink } from '@orpc/client/message-port';
import type { TextPort } from '#bridge/control/text-port.ts';
import { collect } from '../canary/collect.ts';

/** One end of a pair of ports in memory. What one posts, the other hears a turn later. */
export interface MemoryPort extends TextPort {
  close(): void;
}

export function portPair(): [guest: MemoryPort, host: MemoryPort] {
  const gone = Promise.withResolvers<void>();
  const listeners = [new Set<(text: string) => void>(), new Set<(text: string) => void>()] as const;
  let isOpen = true;
  const end = (own: 0 | 1): MemoryPort => ({
    closed: gone.promise,
    postMessage: (text) => {
      if (!isOpen) throw new Error('This port is closed.');
      collect('texts between window and bridge', text);
      queueMicrotask(() => {
        for (const listener of [...listeners[own === 0 ? 1 : 0]]) listener(text);
      });
    },
    onMessage: (listener) => {
      listeners[own].add(listener);
      return { [Symbol.dispose]: () => void listeners[own].delete(listener) };
    },
    close: () => {
      isOpen = false;
      gone.resolve();
    },
  });
  return [end(0), end(1)];
}

/** The way a window calls what is served at the other end. */
export function linkOf(port: MemoryPort): RPCLink<Record<never, never>> {
  return new RPCLink({
    port: {
      postMessage: (message: unknown) => port.postMessage(String(message)),
      on: (event, listener) => {
        if (event === 'close') void port.closed.then(() => listener());
        if (event === 'message') port.onMessage((text) => listener({ data: text }));
      },
    },
  });
}

/** The next text that comes out of a port. */
export function nextText(port: MemoryPort): Promise<string> {
  return new Promise((resolve) => {
    const listening = port.onMessage((text) => {
      listening[Symbol.dispose]();
      resolve(text);
    });
  });
}
