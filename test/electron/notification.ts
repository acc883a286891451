import { clicked } from '../invariants/openers.ts';
import { Announcer, type EventsOf, type Preventable, preventable } from './announcer.ts';

type Options = Electron.NotificationConstructorOptions;

type NotificationEvents = {
  click: [event: Preventable];
  close: [details: Preventable & Pick<Electron.NotificationCloseEventParams, 'reason'>];
  show: [event: Preventable];
  failed: [event: Preventable, error: string];
  action: [
    details: Preventable & Pick<Electron.NotificationActionEventParams, 'actionIndex'>,
    actionIndex: number,
    selectionIndex: number,
  ];
};

type Members = 'show' | 'close' | 'title' | 'body' | 'silent' | 'actions';

/** What appears in a corner of the screen. */
export class DoubleNotification
  extends Announcer<EventsOf<Electron.Notification, NotificationEvents>>
  implements Pick<Electron.Notification, Members>
{
  readonly options: Options;
  title: string;
  body: string;
  silent: boolean;
  actions: Electron.NotificationAction[];
  state: 'made' | 'shown' | 'closed' = 'made';

  constructor(options: Options = {}) {
    super(['click', 'close', 'show', 'failed', 'action']);
    this.options = options;
    this.title = options.title ?? '';
    this.body = options.body ?? '';
    this.silent = options.silent ?? false;
    this.actions = options.actions ?? [];
  }

  show(): void {
    this.state = 'shown';
    this.announce('show', preventable());
  }

  close(): void {
    this.#close('applicationHidden');
  }

  /** A person clicks it. */
  press(): void {
    this.#use();
    clicked();
    this.announce('click', preventable());
    this.#close('userCanceled');
  }

  /** A person clicks one of its buttons. */
  act(text: string): void {
    this.#use();
    const actionIndex = this.actions.findIndex((action) => action.text === text);
    if (actionIndex < 0) throw new Error(`The notification '${this.title}' has no button '${text}'.`);
    clicked();
    this.announce('action', preventable({ actionIndex }), actionIndex, -1);
    this.#close('userCanceled');
  }

  /** A person sends it away. */
  dismiss(): void {
    this.#use();
    this.#close('userCanceled');
  }

  #use(): void {
    if (this.state !== 'shown') throw new Error(`The notification '${this.title}' is not on the screen.`);
  }

  #close(reason: Electron.NotificationCloseEventParams['reason']): void {
    if (this.state !== 'shown') return;
    this.state = 'closed';
    this.announce('close', preventable(reason ? { reason } : {}));
  }
}
