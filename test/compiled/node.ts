/**
 * The words before a program of ours that somebody else starts, who hands on no environment: Node keeps what it made of
 * the sources, which is more than half of a start.
 */
export const NODE: readonly [string, ...string[]] = [
  process.execPath,
  `--import=${new URL('keep.mjs', import.meta.url).href}`,
];
