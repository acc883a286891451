import type { Log } from './base/log.ts';
import type { Paths } from './base/paths.ts';
import { type LocalClient, type LocalControl, type LocalListener, listenSocket } from './socket/listen.ts';

/** Where whoever comes by the local socket is led. */
export interface Doors {
  client(client: LocalClient): void;
  control(control: LocalControl): void;
}

/** The local socket, which listens before there is anything to lead guests to. */
export interface Guests {
  readonly listener: LocalListener;
  /** Lets in who came by now, and who comes later. */
  admit(doors: Doors): void;
}

/**
 * Takes ownership of the data folder and listens for shims and for other programs of Gangway; they wait until they are
 * admitted. @throws BridgeError `owner-running`, `storage`.
 */
export async function awaitGuests(paths: Paths, log: Log): Promise<Guests> {
  const doors = Promise.withResolvers<Doors>();
  const listener = await listenSocket({
    paths,
    onClient: (client) =>
      void doors.promise.then(({ client: lead }) => lead(client)).catch(() => client.frames.end()),
    onControl: (caller) =>
      void doors.promise.then(({ control }) => control(caller)).catch(() => caller.port.close()),
    log,
    signal: new AbortController().signal,
  });
  return { listener, admit: (given) => doors.resolve(given) };
}
