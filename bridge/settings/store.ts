import { isDeepStrictEqual } from 'node:util';
import { deepFreeze } from '../base/deep-freeze.ts';
import { Signal } from '../base/events.ts';
import { JsonFile, type Migration } from '../base/json-file.ts';
import type { Log } from '../base/log.ts';
import { KeyedQueue } from '../base/tasks.ts';
import { BridgeError } from '../contract/errors.ts';
import { Settings, SettingsChange } from '../contract/settings.ts';

/** Lifts of settings.json; `migrations[n]` takes version n to n+1. */
const migrations: readonly Migration[] = [];

/** The person's settings. Changes run one at a time, are saved first and announced then. */
export class SettingsStore {
  readonly changed = new Signal<{ readonly before: Settings; readonly after: Settings }>();
  /** Where a damaged file was moved when the settings were opened. */
  readonly setAside: string | undefined;
  readonly #file: JsonFile<Settings>;
  readonly #queue = new KeyedQueue<'settings'>();
  #settings: Settings;

  private constructor(file: JsonFile<Settings>, settings: Settings, setAside: string | undefined) {
    this.#file = file;
    this.#settings = settings;
    this.setAside = setAside;
  }

  /**
   * Reads settings.json; without one every setting has its default.
   * @throws BridgeError `newer-file`, `storage`.
   */
  static async open(path: string, log: Log): Promise<SettingsStore> {
    const file = new JsonFile({
      path,
      what: 'The settings',
      schema: Settings,
      migrations,
      empty: () => Settings.parse({}),
    });
    const { document, setAside } = await file.read();
    if (setAside) log.warn('settings.set-aside', { file: setAside });
    return new SettingsStore(file, deepFreeze(document), setAside);
  }

  /** The settings now; a frozen object that is replaced, never changed. */
  get current(): Settings {
    return this.#settings;
  }

  /**
   * Changes some settings; absent ones stay.
   * @throws BridgeError `invalid-input` that names the setting; `storage`, with nothing changed.
   */
  async set(change: SettingsChange): Promise<Settings> {
    const parsed = SettingsChange.safeParse(change);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const name = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path[0];
      throw new BridgeError(
        'invalid-input',
        `The setting ${String(name ?? '').slice(0, 60)} is unknown or its value is out of range.`,
      );
    }
    const given = Object.fromEntries(Object.entries(parsed.data).filter(([, value]) => value !== undefined));
    return this.#queue.run('settings', async () => {
      const before = this.#settings;
      const after = deepFreeze(Settings.parse({ ...before, ...given }));
      if (isDeepStrictEqual(before, after)) return before;
      await this.#file.write(after);
      this.#settings = after;
      this.changed.announce({ before, after });
      return after;
    });
  }
}
