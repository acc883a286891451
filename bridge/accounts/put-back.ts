import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { Account } from '../contract/account.ts';
import { BridgeError } from '../contract/errors.ts';
import type { Authorizer } from '../credentials/authorizer.ts';
import type { Credential } from '../credentials/credential.ts';

export interface PutBackParts {
  readonly authorizer: Pick<Authorizer, 'store' | 'forget'>;
  readonly log: Log;
}

/**
 * Saves the list of accounts after the secrets of one were changed. When that fails the secrets go back to what they were,
 * so that nothing has changed.
 * @param before what was stored; `unread` when it could not be read, so that it cannot come back.
 * @throws BridgeError as `save` does; `storage` that says so when the secrets could not be put back.
 */
export async function orPutBack<T>(
  { id, label }: Account,
  before: Credential | 'unread' | undefined,
  { authorizer, log }: PutBackParts,
  save: () => Promise<T>,
): Promise<T> {
  try {
    return await save();
  } catch (error) {
    // The caller's signal may have aborted.
    const signal = AbortSignal.timeout(limits.shutdownMs);
    try {
      if (before === 'unread') throw new TypeError('what was stored could not be read');
      await (before ? authorizer.store(id, before, signal) : authorizer.forget(id, signal));
    } catch (cause) {
      log.error('accounts.secret-not-put-back', cause, { account: id });
      const text = `The list of accounts could not be saved, but what is stored for ${label.slice(0, 60)} is changed already. Do the same once more as soon as the disk takes it.`;
      throw new BridgeError('storage', text, { account: label }, error);
    }
    throw error;
  }
}
