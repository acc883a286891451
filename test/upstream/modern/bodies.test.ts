import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerOf, troubleOf } from '../asking.ts';
import { BAD_BODIES, ODD_BODIES } from '../body-table.ts';
import { response, result } from '../raw-http.ts';
import { call, modernAt, tell } from './asking.ts';
import { type Scripted, startScripted } from './scripted.ts';

let scripted: Scripted;
beforeAll(async () => {
  scripted = await startScripted();
});
afterAll(() => scripted[Symbol.asyncDispose]());

describe('a bad answer of a workspace without handshakes ends a call at once, and it is not sent again', () => {
  test.each(BAD_BODIES)('$row', async ({ code, mayHaveRun = true, says = '', send }) => {
    const { url, heard } = scripted.serve((one, socket) => void socket.end(send(one)));
    await using seat = modernAt(url);
    expect(troubleOf(await tell(seat.channel, call('write')), code, mayHaveRun).message).toMatch(says);
    expect(heard()).toHaveLength(1);
  });
});

/** 32 MB go the same way in both eras, and cost a second. */
const light = ODD_BODIES.filter(({ row }) => !row.startsWith('UB-11'));

describe('an odd answer of a workspace without handshakes is the answer', () => {
  test.each(light)('$row', async ({ send }) => {
    const { url, heard } = scripted.serve((one, socket) => void socket.write(send(one), () => socket.end()));
    await using seat = modernAt(url);
    const answer = answerOf(await tell(seat.channel, call('write')));
    expect(answer).toMatchObject({ result: expect.not.stringMatching('second') });
    expect(heard()).toHaveLength(1);
  });
});

test('UP-CK its cookies are not kept', async () => {
  const { url, heard } = scripted.serve(({ id }, socket) => {
    const fields = { 'content-type': 'application/json', 'set-cookie': 'sid=1; Path=/' };
    socket.write(response(200, result(id), fields));
  });
  await using seat = modernAt(url);
  for (let time = 0; time < 2; time += 1) answerOf(await tell(seat.channel, call('write')));
  expect(heard().map(({ headers }) => headers.cookie)).toEqual([undefined, undefined]);
});
