import { clicked } from '../invariants/openers.ts';

type Box = Electron.MessageBoxOptions;
type Answer = Electron.MessageBoxReturnValue;

/** A message box on the screen. */
export class DoubleBox {
  readonly options: Box;
  /** The window it belongs to, when it belongs to one. */
  readonly window: Electron.BaseWindow | undefined;
  readonly #answered = Promise.withResolvers<Answer>();
  #isOpen = true;

  constructor(options: Box, window: Electron.BaseWindow | undefined) {
    this.options = options;
    this.window = window;
    options.signal?.addEventListener('abort', () => this.dismiss());
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get answered(): Promise<Answer> {
    return this.#answered.promise;
  }

  /** A person clicks a button, by its label. */
  click(label: string, { tick = this.options.checkboxChecked ?? false } = {}): void {
    const response = (this.options.buttons ?? ['OK']).indexOf(label);
    if (response < 0) throw new Error(`'${this.options.message}' has no button '${label}'.`);
    clicked();
    this.#answer({ response, checkboxChecked: tick });
  }

  /** A person presses Escape. */
  dismiss(): void {
    this.#answer({ response: this.options.cancelId ?? 0, checkboxChecked: false });
  }

  #answer(answer: Answer): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#answered.resolve(answer);
  }
}

type Members = 'showMessageBox' | 'showErrorBox' | 'showSaveDialog';

export interface DialogParts {
  readonly platform: NodeJS.Platform;
  readonly isReady: () => boolean;
}

/** Electron's `dialog`: questions wait for their answer. */
export class DoubleDialog implements Pick<Electron.Dialog, Members> {
  readonly boxes: DoubleBox[] = [];
  readonly errors: { readonly title: string; readonly content: string }[] = [];
  /** Where a person would save a file; undefined means that they cancel. */
  savePath: string | undefined;
  readonly #parts: DialogParts;
  #asked = Promise.withResolvers<void>();

  constructor(parts: DialogParts) {
    this.#parts = parts;
  }

  /** @throws Error before the app is ready, as Electron does; and where Electron would stand still. */
  showMessageBox(window: Electron.BaseWindow, options: Box): Promise<Answer>;
  showMessageBox(options: Box): Promise<Answer>;
  showMessageBox(...given: [Electron.BaseWindow, Box] | [Box]): Promise<Answer> {
    const [window, options] = given.length === 1 ? [undefined, given[0]] : given;
    if (!this.#parts.isReady()) throw new Error('dialog module can only be used after app is ready');
    if (this.#parts.platform === 'darwin' && !window?.isVisible()) {
      throw new Error('On macOS a message box without a window holds up the whole app until it is answered.');
    }
    const box = new DoubleBox(options, window);
    this.boxes.push(box);
    this.#asked.resolve();
    this.#asked = Promise.withResolvers();
    return box.answered;
  }

  showErrorBox(title: string, content: string): void {
    this.errors.push({ title, content });
  }

  showSaveDialog(
    window: Electron.BaseWindow,
    options: Electron.SaveDialogOptions,
  ): Promise<Electron.SaveDialogReturnValue>;
  showSaveDialog(options: Electron.SaveDialogOptions): Promise<Electron.SaveDialogReturnValue>;
  async showSaveDialog(): Promise<Electron.SaveDialogReturnValue> {
    return { canceled: this.savePath === undefined, filePath: this.savePath ?? '' };
  }

  /** The box that waits for an answer, as soon as there is one. */
  async question(): Promise<DoubleBox> {
    for (;;) {
      const open = this.boxes.find(({ isOpen }) => isOpen);
      if (open) return open;
      await this.#asked.promise;
    }
  }
}
