import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Epochs } from '#bridge/sessions/epochs.ts';
import { AccountHealth } from '#bridge/sessions/health.ts';
import { workspaceOf } from '#bridge/sessions/workspaces.ts';
import type { UpChannel } from '#bridge/upstream/channel.ts';
import { connect } from '#bridge/upstream/connect.ts';
import { Eras } from '#bridge/upstream/eras.ts';
import { ModernHttp } from '#bridge/upstream/modern/http.ts';
import type { Workspace } from '#bridge/upstream/workspace.ts';
import { anOAuthAccount, Keeper } from '../credentials/keeper.ts';
import { answerOf, ask, type Outcome, quickHttp, troubleOf } from './asking.ts';
import { type Hostile, type Scenario, startHostile } from './hostile.ts';
import { call, tell } from './modern/asking.ts';
import { json, response, result } from './raw-http.ts';

let hostile: Hostile;
beforeAll(async () => {
  hostile = await startHostile();
});
afterAll(() => hostile[Symbol.asyncDispose]());

const CHALLENGE = {
  'www-authenticate':
    'Bearer error="invalid_token", resource_metadata="https://acme.example/.well-known/oauth-protected-resource"',
};

type Era = 'legacy' | 'modern';

/** An account with a sign-in of its own, at a workspace of this era. */
async function startSignedIn(path: string, era: Era, scenario: Scenario) {
  const url = hostile.on(path, scenario);
  const keeper = new Keeper({
    accounts: [anOAuthAccount({ upstream: { kind: 'http', url }, label: 'Acme' })],
  });
  await keeper.began();
  const health = new AccountHealth(() => undefined);
  const epochs = new Epochs(keeper.authorizer.stored);
  const { authorizer, grants } = keeper;
  const workspace: Workspace = workspaceOf(keeper.account, { authorizer, health, grants, epochs });
  const http = quickHttp();
  const legacy: UpChannel = connect(workspace, http);
  const modern = new ModernHttp(new URL(url), workspace, http, new Eras());
  return {
    keeper,
    health,
    asked: (): Promise<Outcome> => (era === 'legacy' ? ask(legacy) : tell(modern, call('write'))),
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]();
      epochs[Symbol.dispose]();
      await keeper[Symbol.asyncDispose]();
    },
  };
}

describe.each<Era>(['legacy', 'modern'])('a token that a %s workspace refuses', (era) => {
  test('UP-401a is renewed once, and the call is sent once more with the new one', async () => {
    let refused: string | undefined;
    await using seat = await startSignedIn(`/m/up-401a-${era}`, era, ({ id, headers }, socket) => {
      refused ??= headers.authorization;
      socket.write(headers.authorization === refused ? response(401, '', CHALLENGE) : json(result(id)));
    });
    answerOf(await seat.asked());
    expect(seat.keeper.asked).toHaveLength(1);
    expect(hostile.requests(`/m/up-401a-${era}`)).toHaveLength(2);
    expect(seat.keeper.needed).toEqual([]);
  });

  test('UP-401e costs one renewal for a hundred calls at once, and nobody is asked to sign in', async () => {
    let refused: string | undefined;
    const path = `/m/up-401e-${era}`;
    await using seat = await startSignedIn(path, era, ({ id, headers }, socket) => {
      refused ??= headers.authorization;
      socket.write(headers.authorization === refused ? response(401, '', CHALLENGE) : json(result(id)));
    });
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => seat.asked()));
    for (const outcome of outcomes) answerOf(outcome);
    expect(seat.keeper.asked).toHaveLength(1);
    expect(hostile.requests(path)).toHaveLength(200);
    expect(seat.keeper.needed).toEqual([]);
  });

  test('UP-401b and refuses again when it is new: a person must sign in, and nothing is renewed or sent for that', async () => {
    const path = `/m/up-401b-${era}`;
    await using seat = await startSignedIn(path, era, (_, socket) => {
      socket.write(response(401, '', CHALLENGE));
    });
    troubleOf(await seat.asked(), 'sign-in-needed', false);
    expect(hostile.requests(path)).toHaveLength(2);
    expect(seat.keeper.needed).toHaveLength(1);
    expect(seat.health.obstacle(seat.keeper.account, new Date())?.code).toBe('sign-in-needed');
    await seat.keeper.time.pass(60_000);
    expect(seat.keeper.asked).toHaveLength(1);
    expect(hostile.requests(path)).toHaveLength(2);
  });
});
