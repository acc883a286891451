import { mapEventIterator } from '@orpc/client';
import { toWire } from './errors.ts';

/**
 * The result of a call for whoever made it. Whatever fails, a stream half way included, leaves as `failed` makes it: by
 * default as it goes to guests outside this process, code, message and details of the trouble without cause and stack.
 */
export async function outward(
  run: () => Promise<unknown>,
  failed: (error: unknown) => Error = toWire,
): Promise<unknown> {
  try {
    const output = await run();
    if (!isIterator(output)) return output;
    return mapEventIterator(output, { value: async (value) => value, error: async (error) => failed(error) });
  } catch (error) {
    throw failed(error);
  }
}

/** Whether the result of a call is a stream. */
export function isIterator(output: unknown): output is AsyncIterator<unknown> & AsyncIterable<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output && 'next' in output;
}
