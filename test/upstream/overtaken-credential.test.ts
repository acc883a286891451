import { expect, test } from 'vitest';
import { connect } from '#bridge/upstream/connect.ts';
import type { ErrorCode } from '#contract/errors.ts';
import { ask, quickHttp, troubleOf, workspaceAt } from './asking.ts';
import { startHostile } from './hostile.ts';
import { response } from './raw-http.ts';

/** How the credential stands after each refusal: renewed meanwhile, until it is not. */
async function refusedAs(code: ErrorCode, isRenewed: (refusals: number) => boolean) {
  await using hostile = await startHostile();
  let refusals = 0;
  const url = hostile.on('/m/overtaken', (_, socket) => {
    refusals += 1;
    socket.write(response(401));
  });
  await using http = quickHttp();
  const renewed = async (): Promise<boolean> => isRenewed(refusals);
  await using channel = connect({ ...workspaceAt({ kind: 'http', url }), renewed }, http);
  const error = troubleOf(await ask(channel), code, false);
  return { refusals, error };
}

test('a request whose credential is renewed again and again before it arrives is told to wait, not to sign in', async () => {
  const { refusals, error } = await refusedAs('wait', () => true);
  expect(refusals).toBe(3);
  expect(error.message).toContain('Try again');
});

test('a request that is refused with the last credential there is needs a sign-in', async () => {
  const { refusals } = await refusedAs('sign-in-needed', (count) => count < 3);
  expect(refusals).toBe(3);
});
