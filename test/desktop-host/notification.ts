import { Variant } from 'dbus-next';
import { type EventsOf, type Preventable, preventable } from '../electron/announcer.ts';
import type { Bus, Callee } from './bus.ts';
import { Telling } from './loud.ts';
import { record } from './record.ts';

type NotificationEvents = {
  action: [details: Preventable & Pick<Electron.NotificationActionEventParams, 'actionIndex'>];
  click: [event: Preventable];
  close: [details: Preventable];
  failed: [event: Preventable, error: string];
  show: [event: Preventable];
};

const SERVER: Callee = {
  name: 'org.freedesktop.Notifications',
  path: '/org/freedesktop/Notifications',
  interface: 'org.freedesktop.Notifications',
};

/** What clicks on notifications the server tells, by its number of the notification. */
export interface NotificationServer {
  show(title: string, body: string, listener: (what: 'click' | 'close') => void): Promise<number>;
  close(id: number): Promise<void>;
}

/** The one of this desktop; undefined where nobody shows notifications. */
export async function findNotificationServer(bus: Bus | undefined): Promise<NotificationServer | undefined> {
  if (!bus || !(await bus.has(SERVER.name))) return undefined;
  const listeners = new Map<number, (what: 'click' | 'close') => void>();
  await bus.hear(SERVER.interface, (member, [id, how]) => {
    const listener = listeners.get(Number(id));
    if (member === 'ActionInvoked' && how === 'default') listener?.('click');
    if (member !== 'NotificationClosed') return;
    listeners.delete(Number(id));
    listener?.('close');
  });
  return {
    show: async (title, body, listener) => {
      const hints = { 'desktop-entry': new Variant('s', 'gangway') };
      const given = ['Gangway', 0, '', title, body, ['default', 'View'], hints, -1];
      const [id] = await bus.call(SERVER, 'Notify', 'susssasa{sv}i', ...given);
      listeners.set(Number(id), listener);
      return Number(id);
    },
    close: async (id) => {
      await bus.call(SERVER, 'CloseNotification', 'u', id);
    },
  };
}

/** Electron's `Notification` on Linux: the whole of it can be clicked, and buttons are not shown. */
export class HostNotification
  extends Telling<EventsOf<Electron.Notification, NotificationEvents>>
  implements Pick<Electron.Notification, 'close' | 'show'>
{
  readonly #server: NotificationServer | undefined;
  readonly #options: Electron.NotificationConstructorOptions;
  #shown: Promise<number> | undefined;

  constructor(server: NotificationServer | undefined, options: Electron.NotificationConstructorOptions) {
    super('Notification', ['click', 'close', 'failed', 'show'], ['action']);
    this.#server = server;
    this.#options = options;
  }

  show(): void {
    const { title = '', body = '' } = this.#options;
    const shown = (): void => record({ what: 'notification', title, body });
    if (!this.#server) {
      shown();
      return;
    }
    this.#shown = this.#server.show(title, body, (what) => {
      if (what === 'click') this.announce('click', preventable());
      else this.announce('close', preventable());
    });
    this.#shown.then(
      () => {
        shown();
        this.announce('show', preventable());
      },
      (error: unknown) => this.announce('failed', preventable(), String(error)),
    );
  }

  close(): void {
    // What was closed by a click is not there any more, and the server says so.
    void this.#shown?.then((id) => this.#server?.close(id)).catch(() => undefined);
  }
}
