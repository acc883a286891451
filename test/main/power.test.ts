import { beforeEach, expect, test } from 'vitest';
import { followPower } from '#main/power.ts';
import { type Desktop, newDesktop } from '../electron/desktop.ts';

let desktop: Desktop;

beforeEach(() => {
  desktop = newDesktop();
});

/** What was told, in order. */
function followed(): { told: string[]; following: Disposable } {
  const told: string[] = [];
  const following = followPower({
    wake: () => void told.push('wake'),
    stopping: () => void told.push('stopping'),
  });
  return { told, following };
}

test('a wake and an unlocked screen are told, a shutdown too; sleep and a locked screen are not', () => {
  const { told } = followed();
  for (const event of ['suspend', 'lock-screen', 'resume', 'unlock-screen', 'shutdown'] as const) {
    desktop.powerMonitor.announce(event);
  }
  expect(told).toEqual(['wake', 'wake', 'stopping']);
});

test('nothing is told after it was disposed, and nobody listens any more', () => {
  const { told, following } = followed();
  following[Symbol.dispose]();
  for (const event of ['resume', 'unlock-screen', 'shutdown'] as const) {
    desktop.powerMonitor.announce(event);
    expect(desktop.powerMonitor.listenerCount(event)).toBe(0);
  }
  expect(told).toEqual([]);
});
