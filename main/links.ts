import { Signal } from '#bridge/base/events.ts';
import type { Log } from '#bridge/base/log.ts';
import type { AddForm } from '#contract/link.ts';
import { readLink } from '#contract/read-link.ts';

/** The link among the arguments of a program start, or why none of them is followed. */
export type StartLink =
  | { readonly link: string }
  | { readonly link: undefined; readonly because: 'none' | 'several' };

/**
 * Finds the one argument that is a link for us. Chromium adds arguments and changes their order, and a page may have
 * put switches next to its link (CVE-2018-1000006), so everything else is ignored wherever it stands; of several links
 * none is followed.
 */
export function linkOf(argv: readonly string[]): StartLink {
  const [link, second] = argv.filter((argument) => /^gangway:/i.test(argument));
  if (link === undefined) return { link, because: 'none' };
  return second === undefined ? { link } : { link: undefined, because: 'several' };
}

/** A page that keeps sending links is heard again once it was quiet for so long. */
const QUIET_MS = 2_000;

/** The one link that waits to be shown. Nothing happens by it before a person acts. */
export interface LinkQueue {
  /** The form of the link that waits. */
  readonly form: AddForm | undefined;
  /** One sentence about a link that was refused, until it was told. */
  readonly refusal: string | undefined;
  readonly changed: Signal<void>;
  /** Takes a link from outside; drops it while another one waits, and while links come in a flood. */
  offer(text: string): void;
  /** What waited was shown, or told. */
  taken(): void;
}

export interface LinkParts {
  readonly log: Log;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** The queue for links: empty, with room for one. */
export function openLinks({ log, now = () => performance.now() }: LinkParts): LinkQueue {
  const changed = new Signal<void>();
  let form: AddForm | undefined;
  let refusal: string | undefined;
  let lastOffer = Number.NEGATIVE_INFINITY;
  let dropped = 0;
  return {
    get form() {
      return form;
    },
    get refusal() {
      return refusal;
    },
    changed,
    offer(text) {
      const isFlood = now() - lastOffer < QUIET_MS;
      lastOffer = now();
      if (isFlood || form !== undefined || refusal !== undefined) {
        dropped += 1;
        // The first is enough to know of; the number follows with the next link.
        if (dropped === 1) log.warn('link.dropped');
        return;
      }
      const read = readLink(text);
      log.info(read.kind === 'add' ? 'link.read' : 'link.refused', { characters: text.length, dropped });
      dropped = 0;
      if (read.kind === 'add') form = read.form;
      else refusal = read.because;
      changed.announce();
    },
    taken() {
      if (form === undefined && refusal === undefined) return;
      form = undefined;
      refusal = undefined;
      changed.announce();
    },
  };
}
