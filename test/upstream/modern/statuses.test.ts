import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EraChanged } from '#bridge/upstream/modern/channel.ts';
import { answerOf, troubleOf } from '../asking.ts';
import { json, response } from '../raw-http.ts';
import { BODIES, OWN_MEANING, rpcError, STATUSES } from '../status-table.ts';
import { call, modernAt, requestWith, tell } from './asking.ts';
import { type Scripted, startScripted } from './scripted.ts';

let scripted: Scripted;
beforeAll(async () => {
  scripted = await startScripted();
});
afterAll(() => scripted[Symbol.asyncDispose]());

const discovered = (id: string): Buffer =>
  json(`{"jsonrpc":"2.0","id":${id},"result":{"supportedVersions":["2026-07-28"]}}`);

describe('a status means to a workspace without handshakes what it means to others', () => {
  test.each(STATUSES)(
    '$ids: a call ends as $call, a read as $read',
    async ({ status, call: ofCall, read, callTries, readTries }) => {
      for (const body of Object.values(BODIES)) {
        for (const [message, code, tries] of [
          [call('write'), ofCall, callTries],
          [requestWith('tools/list'), read, readTries],
        ] as const) {
          const { url, heard } = scripted.serve((one, socket) => {
            const isProbe = one.rpc === 'server/discover';
            socket.write(isProbe ? discovered(one.id) : response(status, ...body(one)));
          });
          await using seat = modernAt(url);
          const outcome = await tell(seat.channel, message);
          const trouble = troubleOf(outcome, code, code === 'outcome-unknown');
          expect(trouble).not.toBeInstanceOf(EraChanged);
          if (!/wait|sign-in|refused/.test(code)) expect(trouble.message).toContain(String(status));
          expect(trouble.message).not.toContain('script');
          expect(heard(message.method)).toHaveLength(tries);
        }
      }
    },
  );

  test('UP-400 UP-404c the JSON-RPC error of this very request is its answer, with nearly every status', async () => {
    for (const { status } of STATUSES) {
      if (OWN_MEANING.includes(status)) continue;
      const { url, heard } = scripted.serve(({ id }, socket) => {
        socket.write(response(status, rpcError(id, -32601)));
      });
      await using seat = modernAt(url);
      expect(answerOf(await tell(seat.channel, call('write')))).toMatchObject({ error: { code: -32601 } });
      expect(heard()).toHaveLength(1);
    }
  });
});
