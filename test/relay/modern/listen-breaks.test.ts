import { afterEach, describe, expect, test, vi } from 'vitest';
import { changed, ListenStage } from './listen-stage.ts';

const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';
const LISTS = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };
const LIST_NOTICES = ['tools', 'prompts', 'resources'].map((group) => `notifications/${group}/list_changed`);
const EVERYTHING = { ...LISTS, resourceSubscriptions: ['a:1', 'a:2'] };
const ALL_NOTICES = [
  ...LIST_NOTICES,
  'notifications/resources/updated a:1',
  'notifications/resources/updated a:2',
];
const NOT_FOUND = { jsonrpc: '2.0', id: 'l1', error: { code: -32601, message: 'Method not found' } };

afterEach(() => {
  vi.useRealTimers();
});

describe('a workspace without a listen', () => {
  test('leaves the listen open with the bridge as the only source, and is asked again seldom', async () => {
    const stage = new ListenStage(LISTS);
    const up = await stage.run();
    await up.say(NOT_FOUND, 404);
    await stage.settled();
    expect(stage.heard()).toEqual([ACKNOWLEDGED]);
    expect(stage.endings).toEqual([]);
    expect(stage.between.map(({ ms }) => ms)).toEqual([15 * 60_000]);
    stage.listen.listsChanged();
    await stage.settled();
    expect(stage.heard()).toEqual(LIST_NOTICES);
    await stage.rested();
    expect(stage.ups).toHaveLength(2);
  });

  test('is left for one that has it', async () => {
    const stage = new ListenStage(LISTS);
    await (await stage.run()).say(NOT_FOUND, 404);
    await stage.settled();
    stage.heard();
    stage.listen.moved();
    await stage.settled();
    await stage.acknowledge(LISTS);
    await stage.up.say(changed('tools'));
    expect(stage.heard()).toEqual([...LIST_NOTICES, 'notifications/tools/list_changed']);
  });

  test('or one that honours nothing and ends it, is not announced as a change every time', async () => {
    const stage = new ListenStage(LISTS);
    await stage.run();
    for (let nth = 0; nth < 3; nth += 1) {
      await stage.acknowledge({ toolsListChanged: false, resourceSubscriptions: [] });
      await stage.up.say({ jsonrpc: '2.0', id: 'l1', result: { resultType: 'complete' } });
      await stage.settled();
      await stage.rested();
    }
    expect(stage.heard()).toEqual([ACKNOWLEDGED]);
    expect(stage.between.map(({ ms }) => ms)).toEqual(Array(3).fill(15 * 60_000));
    expect(stage.endings).toEqual([]);
  });

  test.each([-32602, -32021, -32022])('its %s is the client’s to hear', async (code) => {
    const stage = new ListenStage({ ...LISTS, taskIds: ['t'] });
    const up = await stage.run();
    const error = { code, message: 'no', data: { requiredCapabilities: { extensions: {} } } };
    await up.say({ jsonrpc: '2.0', id: null, error, more: 1 }, 400);
    await stage.running;
    expect(stage.down).toEqual([]);
    expect(stage.endings).toEqual([
      { answer: JSON.stringify({ jsonrpc: '2.0', id: 'l1', error, more: 1 }), status: 400 },
    ]);
  });

  test('its refusal is the client’s to hear when the bridge has nothing to tell it of either', async () => {
    const stage = new ListenStage({ taskIds: ['t'] });
    await (await stage.run()).say(NOT_FOUND, 404);
    await stage.running;
    expect(stage.endings).toEqual([{ answer: JSON.stringify(NOT_FOUND), status: 404 }]);
  });

  test('no later refusal ends the listen', async () => {
    const stage = new ListenStage(LISTS);
    await stage.run();
    await stage.acknowledge(LISTS);
    stage.listen.moved();
    await stage.settled();
    await stage.up.say({ jsonrpc: '2.0', id: 'l1', error: { code: -32602, message: 'no' } }, 400);
    await stage.settled();
    expect(stage.endings).toEqual([]);
  });

  test('a listen for nothing at all ends as the workspace ends it', async () => {
    const stage = new ListenStage({});
    await stage.run();
    await stage.acknowledge({});
    await stage.up.say({ jsonrpc: '2.0', id: 'l1', result: { resultType: 'complete' } });
    await stage.running;
    expect(stage.heard()).toEqual([ACKNOWLEDGED]);
    expect(stage.endings).toHaveLength(1);
  });
});

describe('a listen that broke', () => {
  test('is opened again after longer and longer rests, a minute at most', async () => {
    const stage = new ListenStage(LISTS);
    await stage.run();
    for (let nth = 0; nth < 8; nth += 1) {
      stage.up.breaks();
      await stage.settled();
      await stage.rested();
    }
    expect(stage.between.map(({ ms }) => ms / 1000)).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    expect(stage.heard()).toEqual([ACKNOWLEDGED]);
    expect(stage.open).toHaveLength(1);
    expect(stage.ups).toHaveLength(9);
  });

  test.each([
    ['breaks', (stage: ListenStage) => stage.up.breaks()],
    ['closes without an answer', (stage: ListenStage) => stage.up.closes()],
    [
      'ends with its result',
      (stage: ListenStage) =>
        void stage.up.say({ jsonrpc: '2.0', id: 'l1', result: { resultType: 'complete' } }),
    ],
    [
      'ends with a cancellation',
      (stage: ListenStage) =>
        void stage.up.say({
          jsonrpc: '2.0',
          method: 'notifications/cancelled',
          params: { requestId: 'l1' },
        }),
    ],
  ])('once it is open again everything is announced once: it %s', async (_, end) => {
    const stage = new ListenStage(EVERYTHING);
    await stage.run();
    await stage.acknowledge(EVERYTHING);
    stage.heard();
    end(stage);
    await stage.settled();
    expect(stage.open).toEqual([]);
    expect(stage.heard()).toEqual([]);
    expect(stage.between.map(({ ms }) => ms)).toEqual([1000]);
    await stage.rested();
    expect(stage.heard()).toEqual([]);
    await stage.acknowledge(EVERYTHING);
    await stage.acknowledge(EVERYTHING);
    expect(stage.heard()).toEqual(ALL_NOTICES);
    expect(stage.endings).toEqual([]);
  });

  test('after it had lasted begins with short rests again', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const stage = new ListenStage(LISTS);
    await stage.run();
    const lasting = async (ms: number): Promise<void> => {
      await stage.acknowledge(LISTS);
      vi.advanceTimersByTime(ms);
      stage.up.breaks();
      await stage.settled();
      await stage.rested();
    };
    await lasting(59_999);
    await lasting(0);
    await lasting(60_000);
    await lasting(0);
    expect(stage.between.map(({ ms }) => ms / 1000)).toEqual([1, 2, 1, 2]);
  });

  test('a listen that opens only at a later try after a switch announces what was missed', async () => {
    const stage = new ListenStage({ toolsListChanged: true });
    await stage.run();
    await stage.acknowledge({ toolsListChanged: true });
    stage.listen.moved();
    await stage.settled();
    stage.up.breaks();
    await stage.settled();
    await stage.rested();
    stage.heard();
    await stage.acknowledge({ toolsListChanged: true });
    expect(stage.heard()).toEqual(['notifications/tools/list_changed']);
  });
});
