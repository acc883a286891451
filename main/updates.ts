import { Signal } from '#bridge/base/events.ts';
import type { Log } from '#bridge/base/log.ts';
import { pause } from '#bridge/base/tasks.ts';
import type { UpdateState } from '#contract/desktop.ts';
import { BridgeError } from '#contract/errors.ts';
import { unlessOver } from './unless-over.ts';
import type { UpdateOrigin } from './update-key.ts';
import {
  type CurrentBuild,
  isSignedFile,
  type UpdateManifest,
  type UpdateOffer,
  verifyManifest,
} from './update-manifest.ts';
import { idle, nextUpdate, off, type UpdateEvent } from './update-state.ts';

/** The first look waits until the start is over. */
const FIRST_LOOK_MS = 30_000;
/** Between two looks: up to an hour less, so that not everybody comes at once. */
const LOOK_MS = 6 * 60 * 60_000;
const JITTER_MS = 60 * 60_000;

/** What fetches and installs. It decides nothing; what it brings is checked here. */
export interface UpdateSource {
  /** What the server offers, if it is another version. */
  look(signal: AbortSignal): Promise<UpdateOffer | undefined>;
  /** The signed manifest that belongs to it. */
  proof(signal: AbortSignal): Promise<{ readonly text: string; readonly signature: string }>;
  /** Downloads what the last look found; returns the paths. */
  download(onPercent: (percent: number) => void, signal: AbortSignal): Promise<readonly string[]>;
  /** Ends the app, installs what was downloaded and starts it again; `failed` says that it did not come to that. */
  install(failed: () => void): void;
}

export interface UpdateParts {
  readonly origin: UpdateOrigin | null;
  readonly isPackaged: boolean;
  readonly current: CurrentBuild;
  /** Undefined where this copy cannot replace itself, as one from the system's own packages. */
  readonly load: (origin: UpdateOrigin) => Promise<UpdateSource | undefined>;
  readonly log: Log;
  readonly now?: () => Date;
  /** Between 0 and 1. */
  readonly random?: () => number;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** How this copy becomes the next version. It looks by itself; only a person restarts it. */
export interface Updates extends AsyncDisposable {
  readonly state: UpdateState;
  readonly changed: Signal<void>;
  /** True once the restart has begun: nobody needs to be asked whether the app may quit. */
  readonly isInstalling: boolean;
  /** Looks now; a download that it leads to goes on afterwards. Never throws. */
  check(): Promise<UpdateState>;
  /** Checks what was downloaded once more, then installs it. @throws BridgeError `conflict` when that cannot be. */
  restart(): Promise<void>;
}

interface Downloaded {
  readonly manifest: UpdateManifest;
  readonly paths: readonly string[];
}

/** Updates from the origin of this build, or none with the reason why. */
export function openUpdates(parts: UpdateParts): Updates {
  const { origin, log, now = () => new Date(), random = Math.random, wait = pause } = parts;
  const leaving = new AbortController();
  const { signal } = leaving;
  const changed = new Signal<void>();
  const canUpdate = origin !== null && parts.isPackaged;
  let state = canUpdate ? idle : off('This build does not update itself.');
  let source: Promise<UpdateSource | undefined> | undefined;
  let looking: Promise<void> | undefined;
  let downloading: Promise<void> | undefined;
  let downloaded: Downloaded | undefined;
  let isInstalling = false;

  function tell(event: UpdateEvent): void {
    const before = state;
    state = nextUpdate(before, event);
    if (state === before) return;
    if (state.state !== before.state) log.info(`update.${state.state}`, { version: state.version });
    changed.announce();
  }

  async function look(asked: boolean): Promise<void> {
    if (!origin || (state.state !== 'idle' && state.state !== 'failed')) return;
    tell({ kind: 'look' });
    try {
      source ??= parts.load(origin);
      const from = await source;
      if (!from) {
        const because = 'This copy cannot replace itself. Update it the way it was installed.';
        return tell({ kind: 'off', because });
      }
      const offered = await unlessOver(from.look(signal), signal);
      if (!offered) return tell({ kind: 'nothing' });
      const { text, signature } = await from.proof(signal);
      const evidence = { text, signature, publicKey: origin.publicKey, current: parts.current, offered };
      const verdict = verifyManifest({ ...evidence, now: now() });
      if (verdict.kind === 'refused') return tell(verdict);
      tell({ kind: 'found', version: verdict.manifest.version });
      downloading = download(from, verdict.manifest, asked);
    } catch (error) {
      failed(error, asked);
    }
  }

  async function download(from: UpdateSource, manifest: UpdateManifest, asked: boolean): Promise<void> {
    try {
      const paths = await from.download((percent) => tell({ kind: 'progress', percent }), signal);
      if (!(await areSigned({ manifest, paths }))) return tell(changedOnDisk());
      downloaded = { manifest, paths };
      tell({ kind: 'downloaded' });
    } catch (error) {
      failed(error, asked);
    }
  }

  function failed(error: unknown, asked: boolean): void {
    if (!signal.aborted) log.error('update.trouble', error);
    // A source that could not be loaded is loaded anew.
    if (state.state === 'checking') source = undefined;
    tell({ kind: 'unreachable', asked });
  }

  async function areSigned({ manifest, paths }: Downloaded): Promise<boolean> {
    for (const path of paths) if (!(await isSignedFile(path, manifest, signal))) return false;
    return paths.length > 0;
  }

  /** One look at a time; whoever asks meanwhile gets its end. */
  async function check(asked: boolean): Promise<UpdateState> {
    looking ??= look(asked).finally(() => {
      looking = undefined;
    });
    await looking;
    return state;
  }

  async function follow(): Promise<void> {
    for (let ms = FIRST_LOOK_MS; !signal.aborted; ms = LOOK_MS - random() * JITTER_MS) {
      await wait(ms, signal).catch(() => undefined);
      if (!signal.aborted) await check(false);
    }
  }

  const following = canUpdate ? follow() : undefined;
  return {
    get state() {
      return state;
    },
    get isInstalling() {
      return isInstalling;
    },
    changed,
    check: () => check(true),
    async restart() {
      const from = state.state === 'ready' ? await source : undefined;
      if (!downloaded || !from) {
        throw new BridgeError('conflict', 'No update is ready yet. Look for updates first.');
      }
      // Somebody else may have written to the folder since the download.
      if (!(await areSigned(downloaded).catch(() => false))) {
        downloaded = undefined;
        tell(changedOnDisk());
        throw new BridgeError('conflict', state.text);
      }
      isInstalling = true;
      from.install(() => {
        isInstalling = false;
        tell({
          kind: 'refused',
          because: 'The update could not be installed. Nothing was changed. Try again later.',
        });
      });
    },
    async [Symbol.asyncDispose]() {
      leaving.abort();
      await Promise.allSettled([following, looking, downloading]);
    },
  };
}

function changedOnDisk(): UpdateEvent {
  const because = 'The update was refused: what was downloaded is not what was signed. Nothing was changed.';
  return { kind: 'refused', because };
}
