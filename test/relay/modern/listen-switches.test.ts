import { describe, expect, test } from 'vitest';
import { changed, ListenStage, SUBSCRIPTION } from './listen-stage.ts';

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

describe('a switch', () => {
  test('announces everything once and opens the same listen at the next account', async () => {
    const stage = new ListenStage(EVERYTHING);
    const first = await stage.run();
    await stage.acknowledge(EVERYTHING);
    stage.heard();
    stage.listen.moved();
    expect(stage.heard()[0]).toBe('notifications/tools/list_changed');
    await stage.settled();
    expect(stage.heard()).toEqual(ALL_NOTICES.slice(1));
    expect(first.signal.aborted).toBe(true);
    expect(stage.open).toHaveLength(1);
    expect(stage.up.message).toBe(first.message);
    await stage.acknowledge(EVERYTHING);
    await stage.up.say(changed('prompts'));
    expect(stage.heard()).toEqual(['notifications/prompts/list_changed']);
    expect(stage.between).toEqual([]);
  });

  test('its notices carry the id of the listen', async () => {
    const stage = new ListenStage({ resourceSubscriptions: ['a:"1"', 'a:"1"', 5] });
    await stage.run();
    await stage.acknowledge({ resourceSubscriptions: ['a:"1"'] });
    stage.down.length = 0;
    stage.listen.moved();
    await stage.settled();
    expect(stage.down.map((text) => JSON.parse(text) as unknown)).toEqual([
      {
        jsonrpc: '2.0',
        method: 'notifications/resources/updated',
        params: { uri: 'a:"1"', _meta: { [SUBSCRIPTION]: 'l1' } },
      },
    ]);
  });

  test('and another right after it leave one listen open', async () => {
    const stage = new ListenStage(LISTS);
    await stage.run();
    await stage.acknowledge(LISTS);
    for (let nth = 0; nth < 5; nth += 1) stage.listen.moved();
    await stage.settled();
    stage.listen.moved();
    stage.listen.moved();
    await stage.settled();
    expect(stage.open).toHaveLength(1);
  });

  test('events of the account before are not passed any more, whenever they come', async () => {
    const stage = new ListenStage(LISTS);
    const first = await stage.run();
    await stage.acknowledge(LISTS);
    stage.heard();
    stage.listen.moved();
    await first.say(changed('tools', { late: 1 }));
    await stage.settled();
    await first.say(changed('tools', { late: 2 }));
    await first.say(NOT_FOUND);
    await stage.settled();
    expect(stage.down.some((text) => text.includes('late'))).toBe(false);
    expect(stage.heard()).toEqual(LIST_NOTICES);
    expect(stage.open).toHaveLength(1);
    expect(stage.endings).toEqual([]);
  });

  test('ends a rest at once', async () => {
    const stage = new ListenStage(LISTS);
    const up = await stage.run();
    up.breaks();
    await stage.settled();
    expect(stage.between).toHaveLength(1);
    stage.listen.moved();
    await stage.settled();
    expect(stage.between[0]?.signal.aborted).toBe(true);
    expect(stage.open).toHaveLength(1);
    expect(stage.ups).toHaveLength(2);
  });

  test('a change at the same account is announced without another listen', async () => {
    const stage = new ListenStage(EVERYTHING);
    await stage.run();
    await stage.acknowledge(EVERYTHING);
    stage.heard();
    stage.listen.listsChanged();
    await stage.settled();
    expect(stage.heard()).toEqual(ALL_NOTICES);
    expect(stage.ups).toHaveLength(1);
    expect(stage.up.signal.aborted).toBe(false);
  });
});

describe('a client that does not read', () => {
  test('does not hold up a switch, and of equal notices one waits', async () => {
    const stage = new ListenStage(EVERYTHING);
    await stage.run();
    const reading = Promise.withResolvers<void>();
    stage.reading = reading.promise;
    await stage.acknowledge(EVERYTHING);
    for (let nth = 0; nth < 100; nth += 1) {
      stage.listen.moved();
      await stage.settled();
    }
    expect(stage.open).toHaveLength(1);
    expect(stage.heard()).toEqual([ACKNOWLEDGED]);
    stage.reading = undefined;
    reading.resolve();
    await stage.settled();
    expect(stage.heard()).toEqual(ALL_NOTICES);
  });

  test('does not slow its workspace down with what it asked for by name: others may share the pipe', async () => {
    const uri = 'note://1';
    const stage = new ListenStage({ ...LISTS, resourceSubscriptions: [uri] });
    const up = await stage.run();
    stage.reading = new Promise(() => undefined);
    await stage.acknowledge(LISTS);
    const taken: string[] = [];
    const updated = (of: string): object => ({
      jsonrpc: '2.0',
      method: 'notifications/resources/updated',
      params: { uri: of },
    });
    for (let nth = 0; nth < 3; nth += 1) {
      void up.say(changed('tools')).then(() => taken.push('tools'));
      void up.say(updated(uri)).then(() => taken.push(uri));
    }
    void up.say(updated(`${uri}/part`)).then(() => taken.push('part'));
    await stage.settled();
    expect(taken.sort()).toEqual([uri, uri, uri, 'tools', 'tools', 'tools']);
    stage.gone.abort();
  });

  test('slows its workspace down with everything else, and what it had not read of it is left out after a switch', async () => {
    const stage = new ListenStage(LISTS);
    const up = await stage.run();
    await stage.acknowledge(LISTS);
    const reading = Promise.withResolvers<void>();
    stage.reading = reading.promise;
    const taken: string[] = [];
    const event = (n: number): object => ({ jsonrpc: '2.0', method: 'notifications/x', params: { n } });
    void up.say(event(1)).then(() => taken.push('1'));
    void up.say(event(2)).then(() => taken.push('2'));
    void up.say(changed('tools', { n: 3 })).then(() => taken.push('3'));
    await stage.settled();
    expect(taken).toEqual(['3']);
    stage.listen.moved();
    await stage.settled();
    expect(taken).toEqual(['3', '1', '2']);
    stage.reading = undefined;
    reading.resolve();
    await stage.settled();
    expect(stage.down.filter((text) => /"n":[23]/.test(text))).toEqual([]);
    expect(stage.heard()).toEqual([ACKNOWLEDGED, 'notifications/x', ...LIST_NOTICES]);
  });

  test('hears the latest of several equal events, and what Gangway says instead of any', async () => {
    const waiting = async (tell: (stage: ListenStage) => void): Promise<unknown> => {
      const stage = new ListenStage({ toolsListChanged: true });
      await stage.run();
      const reading = Promise.withResolvers<void>();
      stage.reading = reading.promise;
      await stage.acknowledge({ toolsListChanged: true });
      tell(stage);
      stage.reading = undefined;
      reading.resolve();
      await stage.settled();
      expect(stage.down).toHaveLength(2);
      return (JSON.parse(stage.down[1] ?? '') as { params: { n?: unknown } }).params.n;
    };
    const event = (stage: ListenStage, n: number): void => void stage.up.say(changed('tools', { n }));
    const both = (stage: ListenStage): void => {
      event(stage, 1);
      event(stage, 2);
    };
    expect(await waiting(both)).toBe(2);
    expect(
      await waiting((stage) => {
        both(stage);
        stage.listen.listsChanged();
        event(stage, 3);
      }),
    ).toBeUndefined();
  });
});
