import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { broken } from './broken.ts';

/**
 * Kinds of things that keep a process alive, as Node names them. Pipes are not among them, because the test runner's own
 * come and go; where there is /proc they are counted by descriptor.
 */
const KINDS = new Set([
  'FSEventWrap',
  'MessagePort',
  'ProcessWrap',
  'TCPServerWrap',
  'TCPSocketWrap',
  'TLSWrap',
  'Timeout',
  'UDPWrap',
  'Worker',
]);

/** Closing takes a few turns of the event loop, and a child a moment to be reaped. */
const GRACE_MS = 1_000;
const LOOK_MS = 10;

/**
 * INV-7: what a test file opened and did not close again: timers, servers, sockets, children, files. Anything that goes
 * away within a second was closed. Timers that keep no process alive are not seen by anybody.
 * @param before what was open when the file began.
 */
export async function findLeftOpen(before: ReadonlyMap<string, number>): Promise<void> {
  let left = more(before, openNow());
  for (let waited = 0; left.length > 0 && waited < GRACE_MS; waited += LOOK_MS) {
    await pause(LOOK_MS);
    left = more(before, openNow());
  }
  for (const what of left) broken('INV-7', `left open: ${what}`);
}

/** How many of what are open now. */
export function openNow(): Map<string, number> {
  const open = new Map<string, number>();
  const add = (what: string): void => void open.set(what, (open.get(what) ?? 0) + 1);
  for (const kind of process.getActiveResourcesInfo()) if (KINDS.has(kind)) add(kind);
  if (process.platform !== 'linux') return open;
  for (const target of ownFiles()) {
    // Node's own, for its threads.
    if (!target.startsWith('anon_inode:')) add(target.replace(/^(socket|pipe):.*$/, 'descriptor of a $1'));
  }
  for (const child of readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1').split(' ')) {
    if (child.trim() !== '') add(`child ${child}`);
  }
  return open;
}

/** What the open descriptors of this process lead to. */
function ownFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      return [readlinkSync(`/proc/self/fd/${descriptor}`)];
    } catch {
      // The listing's own descriptor, which is gone again.
      return [];
    }
  });
}

function more(first: ReadonlyMap<string, number>, second: ReadonlyMap<string, number>): string[] {
  return [...second].flatMap(([what, count]) => {
    const added = count - (first.get(what) ?? 0);
    return added > 0 ? [`${added} × ${what}`] : [];
  });
}
