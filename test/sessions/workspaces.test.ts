import { expect, test } from 'vitest';
import { Signal } from '#bridge/base/events.ts';
import { Epochs } from '#bridge/sessions/epochs.ts';
import { AccountHealth } from '#bridge/sessions/health.ts';
import { workspaceOf } from '#bridge/sessions/workspaces.ts';
import type { AccountId } from '#contract/account.ts';
import { accountFor } from '../relay/seat.ts';

const account = accountFor('https://one.example/mcp', 'one');
const { signal } = new AbortController();

function setUp() {
  const replaced = new Signal<AccountId>();
  const health = new AccountHealth(() => undefined);
  const parts = {
    authorizer: {
      credential: 'old',
      async headers() {
        return { authorization: this.credential };
      },
      withoutSecrets: (_: AccountId, text: string) => text,
    },
    health,
    grants: { refused: async () => false, worked: () => undefined, wanted: () => undefined },
    epochs: new Epochs(replaced),
  };
  return { parts, replaced, workspace: workspaceOf(account, parts) };
}

test('AC-03 a workspace ends with the credential it began with', async () => {
  const { parts, replaced, workspace } = setUp();
  expect(await workspace.headers(signal)).toEqual({ authorization: 'old' });
  replaced.announce(accountFor('https://two.example/mcp', 'two').id);
  expect(await workspace.headers(signal)).toEqual({ authorization: 'old' });
  const unused = workspaceOf(account, parts);
  parts.authorizer.credential = 'new';
  replaced.announce(account.id);
  // What is open, such as a call that asked a question, ends as whom it began as; nothing begins with either.
  expect(await workspace.headers(signal)).toEqual({ authorization: 'old' });
  await expect(unused.headers(signal)).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining('Nothing was sent. Try again.') as string,
  });
  expect(await workspaceOf(account, parts).headers(signal)).toEqual({ authorization: 'new' });
});

test('AC-03 nor does it use the next one in the moment before that is announced', async () => {
  const { parts, replaced, workspace } = setUp();
  parts.authorizer.credential = 'new';
  const asked = workspace.headers(signal);
  const storing = (async () => {
    for (let step = 0; step < 50; step += 1) await Promise.resolve();
    replaced.announce(account.id);
  })();
  await expect(asked).rejects.toMatchObject({ code: 'unreachable' });
  await storing;
});

test('what the old credential met does not count against the new one', () => {
  const { parts, replaced, workspace } = setUp();
  replaced.announce(account.id);
  workspace.observe(401);
  expect(parts.health.obstacle(account, new Date())).toBeUndefined();
  workspaceOf(account, parts).observe(401);
  expect(parts.health.obstacle(account, new Date())?.code).toBe('sign-in-needed');
});
