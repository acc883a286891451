import { isDeepStrictEqual } from 'node:util';
import { deepFreeze } from '../base/deep-freeze.ts';
import { Signal } from '../base/events.ts';
import { JsonFile, type Migration } from '../base/json-file.ts';
import type { Log } from '../base/log.ts';
import { readProxyAddress } from '../base/network.ts';
import { KeyedQueue } from '../base/tasks.ts';
import { BridgeError } from '../contract/errors.ts';
import { Settings, SettingsChange } from '../contract/settings.ts';

/** Lifts of settings.json; `migrations[n]` takes version n to n+1. */
const migrations: readonly Migration[] = [
  // 0 -> 1: an end of the pause, read-only and proxies. Nothing changes, but a Gangway that knows none of them leaves the
  // file alone instead of taking it for a damaged one.
  (document) => document,
];

/** The settings that stop calls in a damaged file, should any of them be on: without them the next start had no brake. */
function brakesIn(text: string): Settings | undefined {
  const isOn = (name: string): boolean => new RegExp(`"${name}"\\s*:\\s*true`).test(text);
  const brakes = { paused: isOn('paused'), readOnly: isOn('readOnly') };
  return brakes.paused || brakes.readOnly ? Settings.parse(brakes) : undefined;
}

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
   * Reads settings.json; without one every setting has its default. After a damaged one too, but what stopped calls in it
   * goes on stopping them: a slip of the pen must not let them through.
   * @throws BridgeError `newer-file`, `storage`.
   */
  static async open(path: string, log: Log): Promise<SettingsStore> {
    const file = new JsonFile({
      path,
      what: 'The settings',
      schema: Settings,
      migrations,
      empty: () => Settings.parse({}),
      rescue: brakesIn,
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
   * Changes some settings; absent ones stay. A pause that is set here or taken back has no end any more.
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
    const { proxy } = parsed.data;
    if (proxy?.mode === 'manual') given.proxy = { mode: 'manual', url: readProxyAddress(proxy.url) };
    return this.#change(({ pausedUntil, ...before }) => ({
      ...before,
      ...(pausedUntil === undefined || 'paused' in given ? {} : { pausedUntil }),
      ...given,
    }));
  }

  /** Stops every call until then, or until a person resumes. @throws BridgeError `storage`, with nothing changed. */
  async pause(until: Date | undefined): Promise<Settings> {
    return this.#change(({ pausedUntil: _, ...before }) => ({
      ...before,
      paused: true,
      ...(until ? { pausedUntil: until.toISOString() } : {}),
    }));
  }

  /** Ends a pause whose time is over; any other stays. @throws BridgeError `storage`, with nothing changed. */
  async endPause(now: Date): Promise<Settings> {
    return this.#change((before) => {
      const { pausedUntil, ...rest } = before;
      const isOver = pausedUntil !== undefined && Date.parse(pausedUntil) <= now.getTime();
      return isOver ? { ...rest, paused: false } : before;
    });
  }

  async #change(edit: (before: Settings) => object): Promise<Settings> {
    return this.#queue.run('settings', async () => {
      const before = this.#settings;
      const after = deepFreeze(Settings.parse(edit(before)));
      if (isDeepStrictEqual(before, after)) return before;
      await this.#file.write(after);
      this.#settings = after;
      this.changed.announce({ before, after });
      return after;
    });
  }
}
