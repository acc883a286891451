import { describe, expect, test } from 'vitest';
import { type Judged, judge, type KnownFault, type Row, tableOf, unseenFaults } from './verdict.ts';

const green: Row = {
  client: 'codex',
  version: '1.2.3',
  door: 'http',
  workspace: 'dual',
  spoke: '2025-06-18',
  arrived: '2025-06-18',
  lists: 'ok',
  calls: 'ok',
  follows: '-',
  seconds: 1.25,
};
const mute: Row = { ...green, calls: 'no answer' };
const fault: KnownFault = { client: 'codex', step: 'calls', door: 'http', evidence: 'says nothing' };

describe('the verdict on a row of the real clients', () => {
  test('a row is green when the client did all it can do', () => {
    expect(judge(green, undefined, [])).toEqual({ row: green, result: 'green', because: [] });
  });

  test('a row is red when the fault is not on the list, even when the client fails alone too', () => {
    expect(judge(mute, mute, []).result).toBe('red');
    expect(judge(mute, mute, []).because).toEqual(['calls: no answer (without Gangway: no answer)']);
  });

  test('a fault on the list excuses a row only when the client fails without Gangway too', () => {
    expect(judge(mute, mute, [fault])).toEqual({
      row: mute,
      result: 'known',
      because: ['calls: says nothing'],
    });
    expect(judge(mute, green, [fault]).result).toBe('red');
    expect(judge(mute, undefined, [fault]).result).toBe('red');
  });

  test.each<[string, Partial<KnownFault>]>([
    ['client', { client: 'gemini' }],
    ['step', { step: 'lists' }],
    ['door', { door: 'stdio' }],
    ['workspace', { workspace: 'modern' }],
  ])('a fault of another %s excuses nothing', (_, other) => {
    expect(judge(mute, mute, [{ ...fault, ...other }]).result).toBe('red');
  });

  test('a fault excuses no other step of the same row', () => {
    const worse = { ...mute, lists: '0 tools' };
    expect(judge(worse, worse, [fault]).result).toBe('red');
  });

  test('a fault that its client no longer shows is found', () => {
    const judged = (row: Row): Judged => judge(row, row, [fault]);
    expect(unseenFaults([judged(green)], [fault])).toEqual([fault]);
    expect(unseenFaults([judged(green), judged(mute)], [fault])).toEqual([]);
    expect(unseenFaults([judged({ ...green, door: 'stdio' })], [fault])).toEqual([]);
  });

  test('the table has a line per row, and what went wrong under it', () => {
    expect(tableOf([judge(green, undefined, []), judge(mute, green, [])])).toEqual([
      'CLIENT  VERSION  DOOR  WORKSPACE  SPOKE       ARRIVED     LISTS  CALLS  FOLLOWS  RESULT   SECONDS',
      'codex   1.2.3    http  dual       2025-06-18  2025-06-18  ok     ok     -        green    1.3',
      'codex   1.2.3    http  dual       2025-06-18  2025-06-18  ok     no     -        red [1]  1.3',
      '[1] calls: no answer (without Gangway: ok)',
    ]);
  });
});
