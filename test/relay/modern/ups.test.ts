import { beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { type ModernUp, ModernUps } from '#bridge/relay/modern/ups.ts';
import type { Route } from '#bridge/relay/parts.ts';
import { BridgeError } from '#contract/errors.ts';
import { accountFor } from '../seat.ts';

type Bound = Extract<Route, { kind: 'bound' }>;

const account = accountFor('http://127.0.0.1:9/mcp', 'account');
const workspace = {
  account,
  headers: async () => ({}),
  withoutSecrets: (text: string) => text,
  observe: () => undefined,
};
const to = (identity: string): Bound => ({ kind: 'bound', identity, workspace });

let current: Route;
let opened: string[];
let closed: string[];
let waiting: number;
let failing: boolean;
let ended: ModernUp[];
let ups: ModernUps;

beforeEach(() => {
  current = to('a');
  opened = [];
  closed = [];
  ended = [];
  waiting = 0;
  failing = false;
  const parts = {
    route: () => current,
    openWorkspace: async () => {
      const name = `way ${opened.length + 1}`;
      opened.push(name);
      if (failing) throw new BridgeError('unreachable', 'no');
      const channel = {
        era: 'modern' as const,
        get waiting() {
          return waiting;
        },
        request: async () => undefined,
        [Symbol.asyncDispose]: async () => void closed.push(name),
      };
      return { era: 'modern' as const, channel };
    },
    connect: () => {
      throw new Error('not needed');
    },
    bridgeVersion: '0.0.0',
    log: silentLog,
  };
  ups = new ModernUps(parts, (up) => ended.push(up));
});

/** Lets what was begun end. */
const settle = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the way of an identity', () => {
  test('is opened once, however many need it, and stays open', async () => {
    const [one, two] = await Promise.all([ups.get(to('a')), ups.get(to('a'))]);
    expect(one).toBe(two);
    ups.release(one);
    ups.release(two);
    expect(await ups.get(to('a'))).toBe(one);
    expect(opened).toHaveLength(1);
    expect(closed).toEqual([]);
  });

  test('that cannot be opened is tried again', async () => {
    failing = true;
    await expect(ups.get(to('a'))).rejects.toMatchObject({ code: 'unreachable' });
    failing = false;
    await ups.get(to('a'));
    expect(opened).toHaveLength(2);
  });

  test('ends after a switch with its last hold', async () => {
    const [one, two] = await Promise.all([ups.get(to('a')), ups.get(to('a'))]);
    ups.retireExcept('b');
    ups.release(one);
    await settle();
    expect(closed).toEqual([]);
    ups.release(two);
    await settle();
    expect(closed).toEqual(['way 1']);
  });

  test('that nobody holds ends with the switch', async () => {
    ups.release(await ups.get(to('a')));
    ups.retireExcept('b');
    await settle();
    expect(closed).toEqual(['way 1']);
  });

  test('on which calls wait for answers stays after a switch', async () => {
    waiting = 1;
    ups.release(await ups.get(to('a')));
    ups.retireExcept('b');
    await settle();
    expect(closed).toEqual([]);
    const back = await ups.get(to('a'));
    waiting = 0;
    ups.release(back);
    await settle();
    expect(closed).toEqual(['way 1']);
    expect(opened).toHaveLength(1);
  });

  test('other than the one of now is for one request only', async () => {
    ups.release(await ups.get(to('b')));
    await settle();
    expect(closed).toEqual(['way 1']);
  });

  test('of another era by now is opened anew; what runs on the old one ends there', async () => {
    const [one, running] = await Promise.all([ups.get(to('a')), ups.get(to('a'))]);
    ups.discard(one);
    expect(await ups.get(to('a'))).not.toBe(one);
    ups.release(one);
    await settle();
    expect(closed).toEqual([]);
    ups.release(running);
    await settle();
    expect(closed).toEqual(['way 1']);
  });

  test('that its only holder will not need again ends with that', async () => {
    const one = await ups.get(to('a'));
    ups.spare(one);
    ups.release(one);
    await settle();
    expect(closed).toEqual(['way 1']);
  });

  test('that others use does not', async () => {
    const [one] = await Promise.all([ups.get(to('a')), ups.get(to('a'))]);
    ups.spare(one);
    ups.release(one);
    await settle();
    expect(await ups.get(to('a'))).toBe(one);
  });

  test('ends at the end, and whoever runs on it hears so', async () => {
    const one = await ups.get(to('a'));
    await ups.close();
    expect(closed).toEqual(['way 1']);
    expect(ended).toEqual([one]);
  });
});
