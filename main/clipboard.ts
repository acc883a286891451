import { createHash } from 'node:crypto';
import { clipboard } from 'electron';
import { pause } from '#bridge/base/tasks.ts';
import { unlessOver } from './unless-over.ts';

/** How long a secret may lie on the clipboard. */
const SECRET_MS = 60_000;
/** How long the program whose text lies there may take to hand it out while the app ends. */
const END_MS = 1_000;

/** What the app puts on the clipboard. Disposing it takes a secret off at once that still lies there. */
export interface Copying extends AsyncDisposable {
  /** Puts a text on the clipboard; a secret one is taken off after a minute, unless something else lies there by then. */
  copy(text: string, secret: boolean): Promise<void>;
}

export interface CopyingParts {
  /** Waits so many milliseconds; rejects when the signal aborts. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly endMs?: number;
}

/** The clipboard of the desktop. Electron cannot mark a text so that histories of the clipboard leave it out. */
export function openClipboard({ wait = pause, endMs = END_MS }: CopyingParts = {}): Copying {
  let waiting: { readonly leaving: AbortController; readonly done: Promise<void> } | undefined;

  /** The secret itself is not kept meanwhile, only what recognises it. */
  async function takeOffLater(print: string, leaving: AbortController): Promise<void> {
    await wait(SECRET_MS, leaving.signal).catch(() => undefined);
    if (leaving.signal.aborted && leaving.signal.reason === REPLACED) return;
    if (fingerprint(await clipboard.readText()) === print) clipboard.clear();
  }

  return {
    async copy(text, secret) {
      waiting?.leaving.abort(REPLACED);
      waiting = undefined;
      await clipboard.writeText(text);
      if (!secret) return;
      const leaving = new AbortController();
      // A clipboard that cannot be read cannot be cleared either; there is nobody to tell.
      waiting = { leaving, done: takeOffLater(fingerprint(text), leaving).catch(() => undefined) };
    },
    async [Symbol.asyncDispose]() {
      if (!waiting) return;
      waiting.leaving.abort();
      await unlessOver(waiting.done, AbortSignal.timeout(endMs)).catch(() => undefined);
    },
  };
}

/** Why a secret is no longer waited for: our own next copy took its place. */
const REPLACED = 'replaced';

function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
