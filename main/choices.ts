import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { deepFreeze } from '#bridge/base/deep-freeze.ts';
import { Signal } from '#bridge/base/events.ts';
import { JsonFile, type Migration, privateFolder } from '#bridge/base/json-file.ts';
import type { Log } from '#bridge/base/log.ts';
import { KeyedQueue } from '#bridge/base/tasks.ts';
import { DesktopChoices } from '#contract/desktop.ts';

/** Lifts of desktop.json; `migrations[n]` takes version n to n+1. */
const migrations: readonly Migration[] = [];

const coordinate = z.number().int().min(-100_000).max(100_000);
const extent = z.number().int().min(1).max(100_000);

/** Where the window was when it was last seen. Whoever opens one checks that a screen is there. */
export const WindowPlace = z.strictObject({
  x: coordinate,
  y: coordinate,
  width: extent,
  height: extent,
  maximized: z.boolean(),
});
export type WindowPlace = z.infer<typeof WindowPlace>;

const Kept = z.strictObject({
  choices: DesktopChoices,
  /** Nobody loses their choices because of a place that makes no sense. */
  window: WindowPlace.optional().catch(undefined),
});
type Kept = z.infer<typeof Kept>;

export type ChoicesChange = { readonly [C in keyof DesktopChoices]?: DesktopChoices[C] | undefined };

/** What the person chose for the desktop app, and where its window was. Changes run one at a time, saved first. */
export class ChoiceStore implements AsyncDisposable {
  /** The choices are other ones now. The place of the window announces nothing. */
  readonly changed = new Signal<void>();
  /** Where a damaged file was moved when the choices were opened. */
  readonly setAside: string | undefined;
  readonly #file: JsonFile<Kept>;
  readonly #queue = new KeyedQueue<'choices'>();
  #kept: Kept;

  private constructor(file: JsonFile<Kept>, kept: Kept, setAside: string | undefined) {
    this.#file = file;
    this.#kept = deepFreeze(kept);
    this.setAside = setAside;
  }

  /**
   * Reads desktop.json; without one every choice has its default.
   * @throws BridgeError `newer-file`, `storage`.
   */
  static async open(path: string, log: Log): Promise<ChoiceStore> {
    await privateFolder(dirname(path));
    const file = new JsonFile<Kept>({
      path,
      what: 'What was chosen for the desktop app',
      schema: Kept,
      migrations,
      empty: () => ({ choices: DesktopChoices.parse({}) }),
    });
    const { document, setAside } = await file.read();
    if (setAside) log.warn('choices.set-aside', { file: setAside });
    return new ChoiceStore(file, document, setAside);
  }

  /** The choices now; a frozen object that is replaced, never changed. */
  get current(): DesktopChoices {
    return this.#kept.choices;
  }

  get window(): WindowPlace | undefined {
    return this.#kept.window;
  }

  /** Changes some choices; absent ones stay. @throws BridgeError `storage`, with nothing changed. */
  async choose(change: ChoicesChange): Promise<DesktopChoices> {
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    const differs = await this.#save((kept) => ({
      ...kept,
      choices: DesktopChoices.parse({ ...kept.choices, ...given }),
    }));
    if (differs) this.changed.announce();
    return this.current;
  }

  /** Keeps the place of the window for the next start. @throws BridgeError `storage`. */
  async keepWindow(place: WindowPlace): Promise<void> {
    const window = WindowPlace.parse(place);
    await this.#save((kept) => ({ ...kept, window }));
  }

  /** Waits for what is just being saved, so that the app never ends in the middle of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue.run('choices', () => Promise.resolve());
  }

  async #save(change: (kept: Kept) => Kept): Promise<boolean> {
    return this.#queue.run('choices', async () => {
      const after = deepFreeze(change(this.#kept));
      if (isDeepStrictEqual(this.#kept, after)) return false;
      await this.#file.write(after);
      this.#kept = after;
      return true;
    });
  }
}
