import { nextTick } from 'node:process';
import type { Account } from '../contract/account.ts';
import type { Authorizer } from '../credentials/authorizer.ts';
import type { Grants } from '../credentials/grants.ts';
import { troubleOf, type Workspace } from '../upstream/workspace.ts';
import type { Epochs } from './epochs.ts';
import type { AccountHealth } from './health.ts';

export interface WorkspacesParts {
  readonly authorizer: Pick<Authorizer, 'headers' | 'withoutSecrets'>;
  readonly health: AccountHealth;
  readonly grants: Pick<Grants, 'refused' | 'worked' | 'wanted'>;
  readonly epochs: Pick<Epochs, 'of'>;
}

/**
 * The account as the relay uses it: its headers when they are needed, its secrets kept out of answers. It keeps to the
 * credential of now: when that is replaced, what is open ends with the headers it had, and nothing begins.
 */
export function workspaceOf(account: Account, parts: WorkspacesParts): Workspace {
  const { authorizer, health, grants, epochs } = parts;
  const byOAuth = account.signIn.kind === 'oauth';
  const epoch = epochs.of(account.id);
  const isOver = (): boolean => epochs.of(account.id) !== epoch;
  let last: Readonly<Record<string, string>> | undefined;
  return {
    account,
    headers: async (signal) => {
      if (!isOver()) {
        const headers = await authorizer.headers(account, signal);
        // A credential is in use a moment before that is announced, within the same turn of the event loop.
        await new Promise<void>((resolve) => nextTick(resolve));
        if (!isOver()) {
          last = headers;
          return headers;
        }
      }
      if (last) return last;
      const message = `${account.label} has another sign-in or key since this began. Nothing was sent. Try again.`;
      throw troubleOf(account, 'unreachable', message);
    },
    withoutSecrets: (text) => authorizer.withoutSecrets(account.id, text),
    observe: (status, waitSeconds, scope, isPage) => {
      // What the old credential met says nothing of the new one.
      if (isOver()) return;
      // A 401 to an access token is answered by renewing it, not by giving the account a rest.
      if (!byOAuth || status !== 401) health.observe(account.id, status, waitSeconds, new Date(), isPage);
      if (!byOAuth) return;
      if (status >= 200 && status < 300) grants.worked(account.id);
      if (scope !== undefined) grants.wanted(account.id, scope);
    },
    ...(byOAuth
      ? {
          renewed: async (sent, signal) => {
            if (isOver()) return false;
            const token = (sent.authorization ?? '').replace(/^Bearer /, '');
            return grants.refused(account, token, signal);
          },
        }
      : {}),
  };
}
