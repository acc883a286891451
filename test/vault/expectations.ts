import { inspect } from 'node:util';
import { expect } from 'vitest';
import { BridgeError, type ErrorCode } from '#contract/errors.ts';
import { collectError } from '../canary/collect.ts';

export const never: AbortSignal = new AbortController().signal;

/** The failure, checked to be one a person can be shown: short, of the right code, one thing to do. */
export async function failure(promise: Promise<unknown>, code: ErrorCode): Promise<BridgeError> {
  const error = await promise.then(
    (value) => new Error(`nothing failed; the result was of type ${typeof value}`),
    (error: unknown) => error,
  );
  collectError('failure', error);
  if (!(error instanceof BridgeError)) throw new Error(`no BridgeError but ${inspect(error)}`);
  expect(error.code).toBe(code);
  expect(error.message.length).toBeLessThanOrEqual(300);
  return error;
}
