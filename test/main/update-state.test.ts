import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UpdateState } from '#contract/desktop.ts';
import { idle, nextUpdate, off, type UpdateEvent } from '#main/update-state.ts';

const walk = (...events: UpdateEvent[]): UpdateState => events.reduce(nextUpdate, idle);
const found: UpdateEvent = { kind: 'found', version: '0.2.0' };
const progress = (percent: number): UpdateEvent => ({ kind: 'progress', percent });
const unreachable = (asked: boolean): UpdateEvent => ({ kind: 'unreachable', asked });
const refused: UpdateEvent = { kind: 'refused', because: 'It is not signed.' };
const look: UpdateEvent = { kind: 'look' };
const nothing: UpdateEvent = { kind: 'nothing' };
const downloaded: UpdateEvent = { kind: 'downloaded' };

describe('an update', () => {
  test.each([
    ['nothing happened', [], 'idle', null, ''],
    ['somebody looks', [look], 'checking', null, ''],
    ['there is nothing newer', [look, nothing], 'idle', null, 'Gangway is up to date.'],
    ['there is something newer', [look, found], 'downloading', '0.2.0', 'Version 0.2.0 is being downloaded.'],
    [
      'it is there',
      [look, found, downloaded],
      'ready',
      '0.2.0',
      'Version 0.2.0 is ready. Connected apps reconnect by themselves after the restart.',
    ],
    ['the network is away and nobody asked', [look, unreachable(false)], 'idle', null, ''],
    [
      'the network is away and somebody asked',
      [look, unreachable(true)],
      'failed',
      null,
      'The update could not be fetched. Check the network, then try again.',
    ],
    ['a download breaks off that nobody asked for', [look, found, unreachable(false)], 'idle', null, ''],
    ['it is refused', [look, refused], 'failed', null, 'It is not signed.'],
    ['what was ready is refused', [look, found, downloaded, refused], 'failed', null, 'It is not signed.'],
    ['somebody looks again after a failure', [look, refused, look], 'checking', null, ''],
    [
      'somebody looks while it is there',
      [look, found, downloaded, look],
      'ready',
      '0.2.0',
      'Version 0.2.0 is ready. Connected apps reconnect by themselves after the restart.',
    ],
    [
      'somebody looks while it is coming',
      [look, found, look],
      'downloading',
      '0.2.0',
      'Version 0.2.0 is being downloaded.',
    ],
    ['a download ends that never began', [downloaded], 'idle', null, ''],
    ['something is found that nobody looked for', [found], 'idle', null, ''],
  ] as const)('when %s', (_when, events, state, version, text) => {
    expect(walk(...events)).toMatchObject({ state, version, text });
  });

  test('comes in whole percents that never go back and reach 100 only at its end', () => {
    let state = walk(look, found);
    const percents = [3.7, 3.9, 2, Number.NaN, 99.9, 250, -5].map((percent) => {
      state = nextUpdate(state, progress(percent));
      return state.percent;
    });
    expect(percents).toEqual([3, 3, 3, 3, 99, 99, 99]);
    expect(walk(look, found, progress(50), downloaded).percent).toBe(100);
  });

  test('that cannot be in this build stays off, whatever happens', () => {
    const state = off('This build does not update itself.');
    for (const event of [look, nothing, found, progress(5), downloaded, refused, unreachable(true)]) {
      expect(nextUpdate(state, event)).toBe(state);
    }
  });

  test('is always in a state that windows can show, and only a look begins one', () => {
    const events = fc.constantFrom(
      look,
      nothing,
      found,
      progress(1),
      progress(80),
      downloaded,
      refused,
      unreachable(true),
      unreachable(false),
    );
    fc.assert(
      fc.property(fc.array(events, { maxLength: 20 }), (list) => {
        let state = idle;
        for (const event of list) {
          const before = state;
          state = nextUpdate(before, event);
          expect(UpdateState.parse(state)).toEqual(state);
          if (state.state === 'downloading' && before.state !== 'downloading')
            expect(before.state).toBe('checking');
          if (state.state === 'ready' && before.state !== 'ready') expect(before.state).toBe('downloading');
        }
      }),
    );
  });
});
