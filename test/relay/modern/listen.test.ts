import { describe, expect, test } from 'vitest';
import { changed, ListenStage, SUBSCRIPTION } from './listen-stage.ts';

const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';
const LISTS = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };
const LIST_NOTICES = ['tools', 'prompts', 'resources'].map((group) => `notifications/${group}/list_changed`);
const EVERYTHING = { ...LISTS, resourceSubscriptions: ['a:1', 'a:2'] };

describe('the acknowledgement of a listen', () => {
  test('holds what the workspace honours, and every list that was asked for', async () => {
    const stage = new ListenStage({ ...EVERYTHING, promptsListChanged: false, 'x/other': 1 });
    const up = await stage.run();
    expect(stage.down).toEqual([]);
    await up.say({
      jsonrpc: '2.0',
      method: ACKNOWLEDGED,
      params: {
        notifications: { toolsListChanged: false, resourceSubscriptions: ['a:1'], 'x/other': { n: 1 } },
        _meta: { [SUBSCRIPTION]: 'l1' },
      },
    });
    expect(stage.down.map((text) => JSON.parse(text) as unknown)).toEqual([
      {
        jsonrpc: '2.0',
        method: ACKNOWLEDGED,
        params: {
          notifications: {
            toolsListChanged: true,
            resourceSubscriptions: ['a:1'],
            'x/other': { n: 1 },
            resourcesListChanged: true,
          },
          _meta: { [SUBSCRIPTION]: 'l1' },
        },
      },
    ]);
    stage.listen.end();
    await stage.running;
  });

  test('goes down once, whatever workspaces acknowledge later', async () => {
    const stage = new ListenStage(LISTS);
    await stage.run();
    await stage.acknowledge(LISTS);
    await stage.acknowledge(LISTS);
    stage.listen.moved();
    await stage.settled();
    await stage.acknowledge({ toolsListChanged: true });
    expect(stage.heard()).toEqual([ACKNOWLEDGED, ...LIST_NOTICES]);
  });

  test('does not wait for ever for the workspace, and what was missed meanwhile is announced', async () => {
    const stage = new ListenStage({ toolsListChanged: true, resourceSubscriptions: ['a:1'] }, '7');
    await stage.run();
    expect(stage.rests.map(({ ms }) => ms)).toEqual([5000]);
    await stage.rested();
    expect(stage.down.map((text) => JSON.parse(text) as unknown)).toEqual([
      {
        jsonrpc: '2.0',
        method: ACKNOWLEDGED,
        params: { notifications: { toolsListChanged: true }, _meta: { [SUBSCRIPTION]: 7 } },
      },
    ]);
    stage.heard();
    await stage.acknowledge({ toolsListChanged: true });
    expect(stage.heard()).toEqual([
      'notifications/tools/list_changed',
      'notifications/resources/updated a:1',
    ]);
  });

  test('comes before events of a workspace that acknowledges nothing', async () => {
    const stage = new ListenStage(LISTS);
    const up = await stage.run();
    await up.say(changed('tools'));
    expect(stage.heard()).toEqual([ACKNOWLEDGED, 'notifications/tools/list_changed']);
  });

  test('comes before the news of a switch', async () => {
    const stage = new ListenStage({ toolsListChanged: true });
    await stage.run();
    stage.listen.moved();
    await stage.settled();
    expect(stage.down).toEqual([]);
    await stage.acknowledge({ toolsListChanged: true });
    expect(stage.heard()).toEqual([ACKNOWLEDGED, 'notifications/tools/list_changed']);
  });

  test('an id that JavaScript cannot hold comes back as it was written', async () => {
    const stage = new ListenStage({ toolsListChanged: true }, '9007199254740993');
    await stage.run();
    await stage.acknowledge({ toolsListChanged: true });
    stage.listen.listsChanged();
    await stage.settled();
    stage.listen.end();
    await stage.running;
    const ids = [...stage.down, stage.endings[0]?.answer ?? ''].map(
      (text) => /subscriptionId":([^}]*)/.exec(text)?.[1],
    );
    expect(ids).toEqual(Array(3).fill('9007199254740993'));
    expect(stage.endings[0]?.answer).toContain('"id":9007199254740993,');
  });
});

describe('events of a workspace', () => {
  test('pass as they came', async () => {
    const stage = new ListenStage(LISTS);
    const up = await stage.run();
    await stage.acknowledge(LISTS);
    stage.down.length = 0;
    const events = [
      changed('tools', { 'x/why': 'more' }),
      {
        jsonrpc: '2.0',
        method: 'notifications/tasks',
        params: { taskId: 't', _meta: { [SUBSCRIPTION]: 'l1' } },
      },
      { jsonrpc: '2.0', method: 'notifications/x', params: { _meta: { [SUBSCRIPTION]: 'l1', y: 1 }, n: 1 } },
    ];
    for (const event of events) await up.say(event);
    expect(stage.down).toEqual(events.map((event) => JSON.stringify(event)));
  });

  test.each([
    [{ jsonrpc: '2.0', method: 'notifications/x' }],
    [{ jsonrpc: '2.0', method: 'notifications/x', params: {} }],
    [{ jsonrpc: '2.0', method: 'notifications/x', params: { _meta: {} } }],
    [{ jsonrpc: '2.0', method: 'notifications/x', params: { _meta: null } }],
    [{ jsonrpc: '2.0', method: 'notifications/x', params: { _meta: { [SUBSCRIPTION]: 'other' } } }],
  ])('carry the id of the listen, also when the workspace forgot it: %j', async (event) => {
    const stage = new ListenStage(LISTS);
    const up = await stage.run();
    await stage.acknowledge(LISTS);
    stage.down.length = 0;
    await up.say(event);
    expect(stage.down.map((text) => JSON.parse(text) as unknown)).toEqual([
      { jsonrpc: '2.0', method: 'notifications/x', params: { _meta: { [SUBSCRIPTION]: 'l1' } } },
    ]);
  });

  test('questions are not passed, because this era has none', async () => {
    const stage = new ListenStage(LISTS);
    const up = await stage.run();
    await stage.acknowledge(LISTS);
    stage.down.length = 0;
    await up.say({ jsonrpc: '2.0', id: 0, method: 'elicitation/create', params: {} });
    expect(stage.down).toEqual([]);
  });
});

describe('the end', () => {
  const parted = async (stage: ListenStage): Promise<void> => {
    await stage.settled();
    stage.down.length = 0;
    expect(stage.open).toEqual([]);
    expect(stage.rests.every(({ signal }) => signal.aborted)).toBe(true);
    stage.listen.moved();
    stage.listen.listsChanged();
    stage.listen.end();
    await stage.listen.withdraw();
    stage.gone.abort();
    await stage.settled();
    expect(stage.endings).toHaveLength(1);
    expect(stage.open).toEqual([]);
    expect(stage.down).toEqual([]);
  };

  test('by Gangway is a result with the id of the listen, once', async () => {
    const stage = new ListenStage(LISTS);
    await stage.run();
    await stage.acknowledge(LISTS);
    stage.listen.end();
    await stage.running;
    const result = { resultType: 'complete', _meta: { [SUBSCRIPTION]: 'l1' } };
    expect(stage.endings).toEqual([{ answer: JSON.stringify({ jsonrpc: '2.0', id: 'l1', result }) }]);
    await parted(stage);
  });

  test('by a client that left has no answer', async () => {
    const stage = new ListenStage(LISTS);
    await stage.run();
    stage.gone.abort();
    await stage.running;
    expect(stage.endings).toEqual([{ answer: null }]);
    await parted(stage);
  });

  test('by a client that withdrew it has no answer', async () => {
    const stage = new ListenStage(LISTS);
    await stage.run();
    await stage.acknowledge(LISTS);
    await stage.listen.withdraw();
    await stage.running;
    expect(stage.endings).toEqual([{ answer: null }]);
    await parted(stage);
  });

  test('during a rest ends the rest', async () => {
    const stage = new ListenStage(LISTS);
    (await stage.run()).breaks();
    await stage.settled();
    stage.listen.end();
    await stage.running;
    await parted(stage);
  });

  test('does not wait for a client that does not read, and nothing follows it', async () => {
    const stage = new ListenStage(LISTS);
    await stage.run();
    const reading = Promise.withResolvers<void>();
    stage.reading = reading.promise;
    await stage.acknowledge(LISTS);
    stage.listen.listsChanged();
    stage.listen.end();
    await stage.running;
    expect(stage.heard()).toEqual([ACKNOWLEDGED]);
    stage.reading = undefined;
    reading.resolve();
    await stage.settled();
    expect(stage.heard()).toEqual([]);
    await parted(stage);
  });

  test('of a listen whose client left before it began comes at once', async () => {
    const stage = new ListenStage(LISTS);
    stage.gone.abort();
    await stage.listen.run();
    expect(stage.ups).toEqual([]);
    expect(stage.endings).toEqual([{ answer: null }]);
  });

  test.each([[undefined], [null], [5], [[]]])(
    'a request for nothing that can be understood is refused: %j',
    async (asked) => {
      const stage = new ListenStage(asked);
      await stage.listen.run();
      expect(stage.ups).toEqual([]);
      expect(stage.endings).toMatchObject([{ status: 400 }]);
      expect(JSON.parse(stage.endings[0]?.answer ?? '')).toMatchObject({ id: 'l1', error: { code: -32602 } });
    },
  );

  test('for more resources than may wait for a slow client is refused, and nothing goes up', async () => {
    const following = (many: number): ListenStage =>
      new ListenStage({ resourceSubscriptions: Array.from({ length: many }, (_, nth) => `note://${nth}`) });
    const stage = following(30_000);
    await stage.listen.run();
    expect(stage.ups).toEqual([]);
    expect(JSON.parse(stage.endings[0]?.answer ?? '')).toMatchObject({ id: 'l1', error: { code: -31009 } });
    const other = following(10_000);
    await other.run();
    expect(other.ups).toHaveLength(1);
    other.gone.abort();
  });
});
