import { expect, test } from 'vitest';
import { canary } from '../../canary/canary.ts';
import { startModern } from '../../workspaces/modern.ts';
import { accountFor, Room } from '../seat.ts';
import { ModernClient } from './client.ts';

test('a secret that a workspace puts into its state comes back to it, and the client cannot read it', async () => {
  const secret = canary('generic');
  await using workspace = await startModern();
  await using room = new Room([accountFor(workspace.url, 'account-a')]);
  room.withoutSecrets = (text) => text.replaceAll(secret, '[removed]');
  const client = new ModernClient(room);
  const result = { resultType: 'input_required', inputRequests: {}, requestState: `for ${secret}` };
  workspace.answerNext({
    status: 200,
    headers: { 'content-type': 'application/json' },
    when: ({ rpc }) => rpc?.method === 'tools/call',
    body: ({ rpc }) => JSON.stringify({ jsonrpc: '2.0', id: rpc?.id, result }),
  });
  const asked = await client.call('echo', { text: 'x' });
  const state = String(asked.result?.requestState);
  for (const part of state.split('.')) {
    expect(Buffer.from(part, 'base64url').toString('latin1')).not.toContain(secret);
  }
  await client.call('echo', { text: 'x' }, { requestState: state, inputResponses: {} });
  const again = await workspace.requests.until(({ rpc }) => rpc?.params?.requestState !== undefined);
  expect(again.rpc?.params?.requestState).toBe(`for ${secret}`);
});
