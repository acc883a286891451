import { BridgeError, type ErrorCode } from '#contract/errors.ts';

/** The message of the refusal a task ends in; fails when it ends otherwise, or in a text that is too long. */
export function refusal(task: () => unknown, code: ErrorCode = 'invalid-input'): string {
  try {
    task();
  } catch (error) {
    return checked(error, code);
  }
  throw new Error('it was accepted');
}

/** The same for a task that takes its time. */
export async function laterRefusal(
  task: () => Promise<unknown>,
  code: ErrorCode = 'invalid-input',
): Promise<string> {
  try {
    await task();
  } catch (error) {
    return checked(error, code);
  }
  throw new Error('it was accepted');
}

function checked(error: unknown, code: ErrorCode): string {
  if (!(error instanceof BridgeError)) throw error;
  if (error.code !== code) throw new Error(`refused with ${error.code}, not ${code}`, { cause: error });
  if (error.message.length > 300) throw new Error(`${error.message.length} characters are too many to read`);
  return error.message;
}
