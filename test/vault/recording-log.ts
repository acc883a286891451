import type { Log } from '#bridge/base/log.ts';
import { collect, collectError } from '../canary/collect.ts';

/** A log whose events a test can read, and whose every line is searched for secrets. */
export function recordingLog(): Log & { readonly events: string[] } {
  const events: string[] = [];
  const record = (event: string, facts?: object): void => {
    events.push(event);
    collect('log of the vault', `${event} ${JSON.stringify(facts ?? {})}\n`);
  };
  return {
    events,
    debug: record,
    info: record,
    warn: record,
    error: (event, error, facts) => {
      record(event, facts);
      collectError('error in the log of the vault', error);
    },
  };
}
