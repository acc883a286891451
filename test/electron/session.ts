import { Announcer, type EventsOf, type Preventable, preventable, whole } from './announcer.ts';

type SessionEvents = {
  'will-download': [
    event: Preventable,
    item: Electron.DownloadItem,
    webContents: Electron.WebContents,
    frame: Electron.WebFrameMain | null,
  ];
};

type Members =
  | ('protocol' | 'webRequest' | 'resolveProxy' | 'setSpellCheckerEnabled' | 'setPermissionRequestHandler')
  | ('setPermissionCheckHandler' | 'setDevicePermissionHandler' | 'setDisplayMediaRequestHandler');

type Asking = Parameters<Electron.Session['setPermissionRequestHandler']>[0];
type Checking = Parameters<Electron.Session['setPermissionCheckHandler']>[0];
type DeviceAsking = Parameters<Electron.Session['setDevicePermissionHandler']>[0];
type MediaAsking = Parameters<Electron.Session['setDisplayMediaRequestHandler']>[0];

/** The names of permissions as a page asks for them. */
export type Permission = Parameters<NonNullable<Asking>>[1];

/** What pages share. Like Electron it grants everything that nobody refuses. */
export class DoubleSession
  extends Announcer<EventsOf<Electron.Session, SessionEvents>>
  implements Pick<Electron.Session, Members>
{
  readonly protocol: Electron.Protocol;
  /** The same, as the double knows it. */
  readonly doubleProtocol: DoubleProtocol;
  readonly webRequest: Electron.WebRequest;
  readonly #requests = new DoubleWebRequest();
  /** What the system says about an address, as `resolveProxy` gives it. */
  proxy: (url: string) => string = () => 'DIRECT';
  spellChecker = true;
  #asking: Asking = null;
  #checking: Checking = null;
  #devices: DeviceAsking = null;
  #media: MediaAsking = null;

  constructor(protocol = new DoubleProtocol()) {
    super(['will-download']);
    this.doubleProtocol = protocol;
    this.protocol = whole<Electron.Protocol>(this.doubleProtocol);
    this.webRequest = whole<Electron.WebRequest>(this.#requests);
  }

  async resolveProxy(url: string): Promise<string> {
    return this.proxy(url);
  }

  setSpellCheckerEnabled(enable: boolean): void {
    this.spellChecker = enable;
  }

  setPermissionRequestHandler(given: Asking): void {
    this.#asking = given;
  }

  setPermissionCheckHandler(given: Checking): void {
    this.#checking = given;
  }

  setDevicePermissionHandler(given: DeviceAsking): void {
    this.#devices = given;
  }

  setDisplayMediaRequestHandler(given: MediaAsking): void {
    this.#media = given;
  }

  /** A page asks for a permission. */
  async ask(contents: Electron.WebContents, permission: Permission): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const details = { isMainFrame: true, requestingUrl: contents.getURL() };
    if (this.#asking) this.#asking(contents, permission, resolve, details);
    else resolve(true);
    return promise;
  }

  /** A page looks whether it has a permission. */
  check(contents: Electron.WebContents, permission: Parameters<NonNullable<Checking>>[1]): boolean {
    const details = { isMainFrame: true, requestingUrl: contents.getURL() };
    return this.#checking?.(contents, permission, 'app://bundle', details) ?? true;
  }

  /** A page wants to use a device that was chosen before. */
  checkDevice(deviceType: 'hid' | 'serial' | 'usb'): boolean {
    const device = whole<Electron.HIDDevice>({ name: 'a device' });
    return this.#devices?.({ deviceType, origin: 'app://bundle', device }) ?? true;
  }

  /** A page wants to see the screen. What it gets, or undefined when nobody answers such questions. */
  async askForScreen(frame: Electron.WebFrameMain): Promise<Electron.Streams | null | undefined> {
    const { promise, resolve } = Promise.withResolvers<Electron.Streams | null>();
    if (!this.#media) return undefined;
    const asked = {
      audioRequested: true,
      videoRequested: true,
      userGesture: true,
      securityOrigin: 'app://bundle',
    };
    this.#media({ ...asked, frame }, resolve);
    return promise;
  }

  /** A page starts a download. Says whether it goes on. */
  download(contents: Electron.WebContents, url: string, filename = 'file'): DoubleDownload {
    const item = new DoubleDownload(url, filename);
    const event = preventable();
    this.announce('will-download', event, whole<Electron.DownloadItem>(item), contents, contents.mainFrame);
    if (event.defaultPrevented) item.cancel();
    return item;
  }

  /** A page, or the app itself when there is none, asks for an address. Says whether the request leaves. */
  async request(url: string, contents?: Electron.WebContents): Promise<boolean> {
    return this.#requests.ask(url, contents);
  }
}

type ProtocolMembers = 'handle' | 'isProtocolHandled' | 'unhandle' | 'registerSchemesAsPrivileged';
type Answering = Parameters<Electron.Protocol['handle']>[1];

/** Answers requests of own schemes. */
export class DoubleProtocol implements Pick<Electron.Protocol, ProtocolMembers> {
  readonly schemes: Electron.CustomScheme[] = [];
  readonly #answering = new Map<string, Answering>();
  readonly #mayRegister: () => boolean;

  constructor(mayRegister: () => boolean = () => false) {
    this.#mayRegister = mayRegister;
  }

  /** @throws Error once the app is ready, or on another protocol than the top one, as Electron does. */
  registerSchemesAsPrivileged(schemes: Electron.CustomScheme[]): void {
    if (!this.#mayRegister()) {
      throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
    }
    this.schemes.push(...schemes);
  }

  handle(scheme: string, answering: Answering): void {
    if (this.#answering.has(scheme)) throw new Error(`The scheme ${scheme} has been registered`);
    this.#answering.set(scheme, answering);
  }

  isProtocolHandled(scheme: string): boolean {
    return this.#answering.has(scheme);
  }

  unhandle(scheme: string): void {
    this.#answering.delete(scheme);
  }

  /** Asks as a page does. */
  async fetch(url: string, init?: RequestInit): Promise<Response> {
    const answering = this.#answering.get(new URL(url).protocol.replace(':', ''));
    if (!answering) throw new Error(`ERR_UNKNOWN_URL_SCHEME ${url}`);
    return answering(new Request(url, init));
  }
}

type Before = (
  details: Electron.OnBeforeRequestListenerDetails,
  callback: (response: Electron.CallbackResponse) => void,
) => void;

/** Lets requests through unless a listener cancels them. */
export class DoubleWebRequest implements Pick<Electron.WebRequest, 'onBeforeRequest'> {
  #before: Before | null = null;

  onBeforeRequest(filter: Electron.WebRequestFilter, listener: Before | null): void;
  onBeforeRequest(listener: Before | null): void;
  onBeforeRequest(first: Electron.WebRequestFilter | Before | null, second?: Before | null): void {
    this.#before = typeof first === 'function' ? first : (second ?? null);
  }

  async ask(url: string, contents?: Electron.WebContents): Promise<boolean> {
    const before = this.#before;
    if (!before) return true;
    const { promise, resolve } = Promise.withResolvers<Electron.CallbackResponse>();
    const from = contents ? { webContentsId: contents.id } : {};
    before(whole<Electron.OnBeforeRequestListenerDetails>({ url, ...from }), resolve);
    return (await promise).cancel !== true;
  }
}

type DownloadEvents = { done: [event: Preventable, state: 'completed' | 'cancelled' | 'interrupted'] };
type DownloadMembers = 'getURL' | 'getFilename' | 'setSavePath' | 'setSaveDialogOptions' | 'cancel';

/** A file on its way to the disk. */
export class DoubleDownload
  extends Announcer<EventsOf<Electron.DownloadItem, DownloadEvents>>
  implements Pick<Electron.DownloadItem, DownloadMembers>
{
  readonly #url: string;
  readonly #filename: string;
  isCancelled = false;
  savedTo = '';
  saveDialog: Electron.SaveDialogOptions | undefined;

  constructor(url: string, filename: string) {
    super(['done']);
    this.#url = url;
    this.#filename = filename;
  }

  getURL(): string {
    return this.#url;
  }

  getFilename(): string {
    return this.#filename;
  }

  setSavePath(path: string): void {
    this.savedTo = path;
  }

  setSaveDialogOptions(options: Electron.SaveDialogOptions): void {
    this.saveDialog = options;
  }

  cancel(): void {
    this.isCancelled = true;
    this.announce('done', preventable(), 'cancelled');
  }
}
