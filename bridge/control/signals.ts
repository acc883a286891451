/** For a caller that brought no signal: it stays until it is served. */
export function forever(): AbortSignal {
  return new AbortController().signal;
}

/** A signal that aborts with any of those given; absent ones never do. */
export function anyOf(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}
