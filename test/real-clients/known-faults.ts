import type { KnownFault } from './verdict.ts';

/** What clients do wrong by themselves. Each was seen without Gangway, straight at the workspace; the run checks it again. */
export const knownFaults: readonly KnownFault[] = [];
