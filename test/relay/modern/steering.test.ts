import { describe, expect, test } from 'vitest';
import { Steering } from '#bridge/relay/modern/steering.ts';

const MINUTE_MS = 60_000;

describe('a client that probes an account of the older era', () => {
  test('is asked to shake hands', () => {
    expect(new Steering().steers('app', 5)).toBe(true);
  });

  test('is asked so again while it may just be trying twice', () => {
    const steering = new Steering();
    steering.steers('app', 0);
    expect(steering.steers('app', 999)).toBe(true);
  });

  test('that comes back later without a handshake knows no other era, then and from then on', () => {
    const steering = new Steering();
    steering.steers('app', 0);
    expect(steering.steers('app', 1_000)).toBe(false);
    expect(steering.steers('app', 1_001)).toBe(false);
    expect(steering.steers('app', 600 * MINUTE_MS)).toBe(false);
  });

  test('that shook hands speaks both', () => {
    const steering = new Steering();
    steering.steers('app', 0);
    steering.greeted('app');
    expect(steering.steers('app', 2_000)).toBe(true);
  });

  test('that shook hands later, after it was taken for one of the newer era only, is steered again', () => {
    const steering = new Steering();
    steering.steers('app', 0);
    steering.steers('app', 2_000);
    steering.greeted('app');
    expect(steering.steers('app', 4_000)).toBe(true);
  });

  test('that comes back after a long time may be another program', () => {
    const steering = new Steering();
    steering.steers('app', 0);
    expect(steering.steers('app', 10 * MINUTE_MS + 1)).toBe(true);
    expect(steering.steers('app', 10 * MINUTE_MS + 1_002)).toBe(false);
  });

  test('says nothing about other clients', () => {
    const steering = new Steering();
    steering.steers('app', 0);
    expect(steering.steers('other', 2_000)).toBe(true);
  });

  test('is forgotten when very many came after it', () => {
    const steering = new Steering();
    steering.steers('app', 0);
    for (let nth = 0; nth < 1_000; nth += 1) steering.steers(`other ${nth}`, 1);
    expect(steering.steers('app', 2_000)).toBe(true);
  });
});
