/**
 * The end of a task, or the reason of the signal when it aborts first: not everything that is waited for can be taken back,
 * and nobody waits for it at the end of the app. What becomes of the task then is nobody's concern.
 */
export async function unlessOver<T>(task: Promise<T>, signal: AbortSignal): Promise<T> {
  const over = Promise.withResolvers<never>();
  const end = (): void => over.reject(signal.reason);
  if (signal.aborted) end();
  signal.addEventListener('abort', end);
  try {
    return await Promise.race([task, over.promise]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
