import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '#bridge/upstream/connect.ts';
import { answerOf, ask, askAt, quickHttp, troubleOf, workspaceAt } from './asking.ts';
import { BAD_BODIES, cut, ODD_BODIES, typed } from './body-table.ts';
import { type Hostile, startHostile } from './hostile.ts';
import { head, json, response, result } from './raw-http.ts';

let hostile: Hostile;
beforeAll(async () => {
  hostile = await startHostile();
});
afterAll(() => hostile[Symbol.asyncDispose]());

describe('a bad answer to a call ends it at once, and the call is not sent again', () => {
  test.each(BAD_BODIES)('$row', async ({ row, code, mayHaveRun = true, says = '', send }) => {
    const path = `/m/${row.replaceAll(/\W+/g, '-')}`;
    const url = hostile.on(path, (heard, socket) => void socket.end(send(heard)));
    const outcome = await askAt(url);
    expect(troubleOf(outcome, code, mayHaveRun).message).toMatch(says);
    expect(hostile.requests(path)).toHaveLength(1);
  });

  test('UB-12 one byte after another for ever ends with the total time, not with the pause', async () => {
    const url = hostile.on('/m/ub-12', async ({ id }, socket) => {
      socket.write(head(200, { 'content-type': 'application/json', 'content-length': '1000000' }));
      socket.write(result(id).slice(0, 10));
      const drip = setInterval(() => socket.write(' '), 10);
      socket.on('close', () => clearInterval(drip));
    });
    const outcome = await askAt(url, 'tools/call', quickHttp({ bodyIdleMs: 5_000, bodyMs: 150 }));
    expect(troubleOf(outcome, 'timeout', true).message).toMatch(/did not answer within 1 s/);
    expect(hostile.requests('/m/ub-12')).toHaveLength(1);
  });

  test('UB-12 silence within the body ends with the pause', async () => {
    const url = hostile.on('/m/ub-12-silence', ({ id }, socket) => {
      socket.write(head(200, { 'content-type': 'application/json', 'content-length': '1000' }));
      socket.write(cut(result(id)));
    });
    const outcome = await askAt(url, 'tools/call', quickHttp({ bodyIdleMs: 100 }));
    troubleOf(outcome, 'timeout', true);
  });

  test('UB-13 headers that never end are waited for as long as for any head', async () => {
    const url = hostile.on('/m/ub-13', (_, socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const drip = setInterval(() => socket.write('x-a: b\r\n'), 10);
      socket.on('close', () => clearInterval(drip));
    });
    const outcome = await askAt(url, 'tools/call', quickHttp({ toolResponseHeadMs: 200 }));
    troubleOf(outcome, 'timeout', true);
    expect(hostile.requests('/m/ub-13')).toHaveLength(1);
  });
});

describe('an odd answer that can be read is the answer', () => {
  test.each(ODD_BODIES)('$row', async ({ row, send }) => {
    const path = `/m/${row.replaceAll(/\W+/g, '-')}`;
    const url = hostile.on(path, (heard, socket) => void socket.write(send(heard), () => socket.end()));
    expect(answerOf(await askAt(url))).toMatchObject({ result: expect.not.stringMatching('second') });
    expect(hostile.requests(path)).toHaveLength(1);
  });

  test('UB-08 surplus bytes of one answer are not taken for the next', async () => {
    const url = hostile.on('/m/ub-08', ({ id, nth }, socket) => {
      const surplus = json(result('2', '"smuggled"'));
      socket.write(nth === 1 ? Buffer.concat([json(result(id)), surplus]) : json(result(id, '"real"')));
    });
    await using http = quickHttp();
    await using channel = connect(workspaceAt(url), http);
    answerOf(await ask(channel, 'tools/list', { id: '1' }));
    expect(answerOf(await ask(channel, 'tools/list', { id: '2' })).result).toBe('real');
  });

  test('UB-13 UP-CK cookies are not kept', async () => {
    const url = hostile.on('/m/cookies', ({ id }, socket) => {
      socket.write(response(200, result(id), { ...typed('application/json'), 'set-cookie': 'sid=1' }));
    });
    await using http = quickHttp();
    await using channel = connect(workspaceAt(url), http);
    for (let count = 0; count < 2; count += 1) answerOf(await ask(channel));
    expect(hostile.requests('/m/cookies').map(({ headers }) => headers.cookie)).toEqual([
      undefined,
      undefined,
    ]);
  });
});
