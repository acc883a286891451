const ENDLESS: ReadonlySet<string> = new Set(['watch', 'activity.follow']);

/** Whether a procedure of the contract gives a stream that has no end of its own. */
export function isEndless(path: readonly string[]): boolean {
  return ENDLESS.has(path.join('.'));
}
