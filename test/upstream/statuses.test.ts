import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SessionLost } from '#bridge/upstream/channel.ts';
import { connect } from '#bridge/upstream/connect.ts';
import { challengedScope } from '#bridge/upstream/refusals.ts';
import { Account } from '#contract/account.ts';
import { answerOf, ask, askAt, quickHttp, troubleOf, workspaceAt } from './asking.ts';
import { type Hostile, type Scenario, startHostile } from './hostile.ts';
import { json, response, result } from './raw-http.ts';
import { BODIES, OWN_MEANING, rpcError, STATUSES } from './status-table.ts';

let hostile: Hostile;
beforeAll(async () => {
  hostile = await startHostile();
});
afterAll(() => hostile[Symbol.asyncDispose]());

const JSON_TYPE = { 'content-type': 'application/json' };
describe('every status has one class and one sentence, with any body', () => {
  test.each(STATUSES)(
    '$ids: a call ends as $call, a read as $read',
    async ({ status, call, read, callTries, readTries }) => {
      for (const [name, body] of Object.entries(BODIES)) {
        for (const [method, code, tries] of [
          ['tools/call', call, callTries],
          ['tools/list', read, readTries],
        ] as const) {
          const path = `/m/up-${status}/${name.replaceAll(/\W+/g, '-')}/${method}`;
          const url = hostile.on(
            path,
            (heard, socket) => void socket.write(response(status, ...body(heard))),
          );
          const outcome = await askAt(url, method);
          const { message } = troubleOf(outcome, code, code === 'outcome-unknown');
          if (!/wait|sign-in|refused/.test(code)) expect(message).toContain(String(status));
          expect(message).not.toContain('script');
          expect(hostile.requests(path)).toHaveLength(tries);
          expect(outcome.workspace.observed.map(([seen]) => seen)).toEqual(Array(tries).fill(status));
        }
      }
    },
  );

  test('the sentences of all refusals differ', async () => {
    const texts: string[] = [];
    for (const { status, call } of STATUSES) {
      if (call === 'wait' || status === 999) continue;
      const url = hostile.on(`/m/up-${status}/text`, (_, socket) => void socket.write(response(status)));
      texts.push(String((await askAt(url)).error));
    }
    expect(new Set(texts).size).toBe(texts.length);
  });

  test('UP-400 the JSON-RPC error of this very request is its answer, with nearly every status', async () => {
    for (const { status } of STATUSES) {
      if (OWN_MEANING.includes(status)) continue;
      const path = `/m/up-answer-${status}`;
      const url = hostile.on(
        path,
        ({ id }, socket) => void socket.write(response(status, rpcError(id, -32050))),
      );
      expect(answerOf(await askAt(url))).toMatchObject({ error: { code: -32050, message: 'no' } });
      expect(hostile.requests(path)).toHaveLength(1);
    }
  });

  test('UP-402 and UP-422 tell what the workspace says, as one plain line', async () => {
    for (const status of [402, 422]) {
      const reason = `{"error":{"message":"Card\\u0007 \\u202edeclined\\n${'x'.repeat(500)}"}}`;
      const url = hostile.on(
        `/m/up-${status}-reason`,
        (_, socket) => void socket.write(response(status, reason)),
      );
      expect(troubleOf(await askAt(url), 'refused').message).toMatch(/It says: "Card declined x{100,}"$/);
    }
  });
});

/** A channel with a session; `then` serves everything after `initialize`. */
async function withSession(path: string, then: Scenario) {
  const url = hostile.on(path, (heard, socket) => {
    if (heard.rpc === 'initialize') {
      socket.write(response(200, result(heard.id), { ...JSON_TYPE, 'mcp-session-id': 'session-1' }));
    } else return then(heard, socket);
  });
  const http = quickHttp();
  const workspace = workspaceAt(url);
  const channel = connect(workspace, http);
  answerOf(await ask(channel, 'initialize'));
  return {
    channel,
    workspace,
    pauses: http.pauses,
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}

describe('sessions', () => {
  const lost: readonly [row: string, status: number, body: string][] = [
    ['UP-404a 404', 404, ''],
    ['UP-404a 404 with an error', 404, rpcError('null', -32001, 'Session not found')],
    ['UP-400b 400 about the session', 400, rpcError('null', -32000, 'Bad Request: Invalid session ID')],
  ];

  test.each(lost)('%s says that the session is lost, without a second request', async (row, status, body) => {
    const path = `/m/lost-${row.replaceAll(/\W+/g, '-')}`;
    await using seat = await withSession(path, (_, socket) => void socket.write(response(status, body)));
    expect((await ask(seat.channel)).error).toBeInstanceOf(SessionLost);
    expect(hostile.requests(path, 'tools/call')).toHaveLength(1);
    expect(hostile.requests(path, 'tools/call')[0]?.headers['mcp-session-id']).toBe('session-1');
    await expect(seat.channel.send(Buffer.from('{}'), new AbortController().signal)).rejects.toThrow(
      SessionLost,
    );
  });

  test('UP-404b without a session it is the address', async () => {
    const url = hostile.on('/m/up-404b', (_, socket) => void socket.write(response(404)));
    expect(troubleOf(await askAt(url), 'bad-answer').message).toContain('Check the address');
    expect(hostile.requests('/m/up-404b').map(({ method }) => method)).toEqual(['POST']);
  });

  test('UP-404c a method that the workspace does not know is its answer, not a lost session', async () => {
    await using seat = await withSession('/m/up-404c', ({ id }, socket) => {
      socket.write(response(404, rpcError(id, -32601)));
    });
    expect(answerOf(await ask(seat.channel))).toMatchObject({ error: { code: -32601 } });
  });

  test('UP-400 about anything else is no lost session', async () => {
    await using seat = await withSession(
      '/m/up-400-other',
      (_, socket) => void socket.write(response(400, '{"error":"bad tool"}')),
    );
    expect(troubleOf(await ask(seat.channel), 'bad-answer').message).toContain('It says: "bad tool"');
  });

  test('UP-405 on GET and on DELETE is fine', async () => {
    const seat = await withSession('/m/up-405', (_, socket) => void socket.write(response(405)));
    await seat.channel.listen(() => undefined, new AbortController().signal);
    await seat.channel[Symbol.asyncDispose]();
    await seat[Symbol.asyncDispose]();
    expect(hostile.requests('/m/up-405').map(({ method }) => method)).toEqual(['POST', 'GET', 'DELETE']);
  });

  test('UP-409 on GET waits, then tries again', async () => {
    const controller = new AbortController();
    await using seat = await withSession('/m/up-409', ({ nth }, socket) => {
      if (nth === 2) socket.write(response(409));
      else {
        socket.write(response(405));
        controller.abort();
      }
    });
    await seat.channel.listen(() => undefined, controller.signal);
    expect(seat.pauses).toEqual([expect.closeTo(2000, -3)]);
    expect(hostile.requests('/m/up-409')).toHaveLength(3);
  });
});

describe('401', () => {
  test.each(['Bearer', 'Basic realm="x"', 'Negotiate', 'NTLM', 'Basic, NTLM'])(
    'UP-401c UP-401d with %s: sign-in needed, nothing else is ever sent',
    async (challenge) => {
      const path = `/m/up-401-${challenge.replaceAll(/\W+/g, '-')}`;
      const url = hostile.on(
        path,
        (_, socket) => void socket.write(response(401, '', { 'www-authenticate': challenge })),
      );
      const outcome = await askAt(url, 'tools/list');
      expect(troubleOf(outcome, 'sign-in-needed', false).message).toContain('Replace the key');
      expect(outcome.workspace.observed).toEqual([[401]]);
      expect(hostile.requests(path).map(({ headers }) => headers.authorization)).toEqual([
        `Bearer ${outcome.workspace.key}`,
      ]);
    },
  );

  test('UP-401f does not disturb another account on the same connections', async () => {
    const url = hostile.on('/m/up-401f', ({ id, headers }, socket) => {
      socket.write(headers.authorization === `Bearer ${good.key}` ? json(result(id)) : response(401));
    });
    const [bad, good] = [workspaceAt(url), workspaceAt(url)];
    await using http = quickHttp();
    const [first, second] = [connect(bad, http), connect(good, http)];
    const outcomes = await Promise.all([ask(first), ask(second), ask(first), ask(second)]);
    for (const [index, outcome] of outcomes.entries()) {
      if (index % 2 === 0) troubleOf(outcome, 'sign-in-needed');
      else answerOf(outcome);
    }
  });

  test('an account without a key is told to add one', async () => {
    const url = hostile.on('/m/up-401-none', (_, socket) => void socket.write(response(401)));
    await using http = quickHttp();
    const channel = connect(workspaceAt(url, { signIn: { kind: 'none' } }), http);
    expect(troubleOf(await ask(channel), 'sign-in-needed').message).toContain('Add it again, with a key');
  });
});

test('UP-403a UP-403b the missing permission is named, for programs too', async () => {
  const url = hostile.on('/m/up-403', ({ rpc }, socket) => {
    const challenge = { 'www-authenticate': 'Bearer error="insufficient_scope", scope="write:orders"' };
    if (rpc === 'a') socket.write(response(403, '', challenge));
    else socket.write(response(403, '{"error":"x","required_scopes":["write:content"]}'));
  });
  for (const [method, scope] of [
    ['a', 'write:orders'],
    ['b', 'write:content'],
  ] as const) {
    const error = troubleOf(await askAt(url, method), 'refused', false);
    expect(error.details.scope).toBe(scope);
    expect(error.message).toContain(scope);
  }
});

test('a challenge in a header of its own behind another one is seen', async () => {
  const challenges =
    'WWW-Authenticate: Basic realm="x"\r\nWWW-Authenticate: Bearer error="insufficient_scope", scope="a b"';
  const url = hostile.on('/m/up-403-two', (_, socket) => {
    socket.write(`HTTP/1.1 403 Forbidden\r\n${challenges}\r\ncontent-length: 0\r\n\r\n`);
  });
  expect(troubleOf(await askAt(url, 'a'), 'refused', false).details.scope).toBe('a b');
});

test.each([
  ['a quoted comma', 'Bearer realm="a, b", error="insufficient_scope", scope="a b"', 'a b'],
  ['no quotes', 'Bearer error=insufficient_scope, scope=write:orders', 'write:orders'],
  ['behind another scheme', 'Basic realm="x", Bearer scope="a", error="insufficient_scope"', 'a'],
  ['of another error', 'Bearer error="invalid_token", scope="a"', undefined],
  ['of a scheme that is not Bearer', 'DPoP error="insufficient_scope", scope="a"', undefined],
  ['that is too long', `Bearer error="insufficient_scope", scope="${'a'.repeat(1001)}"`, undefined],
])('the scope of a challenge with %s is read as OAuth reads it', (_, challenge, scope) => {
  expect(challengedScope(challenge)).toBe(scope);
});

test('the command that helps stays whole, however long the names around it are', async () => {
  const scope = 'write:orders-'.repeat(70);
  const challenge = { 'www-authenticate': `Bearer error="insufficient_scope", scope=${scope}` };
  const url = hostile.on('/m/up-long', ({ rpc }, socket) => {
    socket.write(response(rpc === 'a' ? 403 : 401, '', challenge));
  });
  await using http = quickHttp();
  const slug = Account.shape.slug.parse('s'.repeat(63));
  const long = workspaceAt(url, { slug, label: 'L'.repeat(80), signIn: { kind: 'oauth', legacy: false } });
  for (const method of ['a', 'b']) {
    const { message } = troubleOf(
      await ask(connect(long, http), method),
      method === 'a' ? 'refused' : 'sign-in-needed',
    );
    expect(message.endsWith(`gangway login ${slug}`)).toBe(true);
  }
});
