import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Area, placeWindow } from '#main/window-place.ts';

const main = { x: 0, y: 40, width: 1920, height: 1040 };
const right = { x: 1920, y: 0, width: 1280, height: 1024 };
const left = { x: -1280, y: 0, width: 1280, height: 1024 };
const small = { x: 0, y: 0, width: 800, height: 560 };

test.each<[string, Area | undefined, Area[], object]>([
  ['the first time, the system chooses where', undefined, [main], { width: 1080, height: 720 }],
  ['the first time on a small screen, no larger than it', undefined, [small], { width: 800, height: 560 }],
  [
    'where it was',
    { x: 100, y: 90, width: 900, height: 700 },
    [main],
    { x: 100, y: 90, width: 900, height: 700 },
  ],
  [
    'where it was on the second screen',
    { x: 2000, y: 90, width: 900, height: 700 },
    [main, right],
    { x: 2000, y: 90, width: 900, height: 700 },
  ],
  [
    'where it was on a screen to the left',
    { x: -1000, y: 90, width: 900, height: 700 },
    [main, left],
    { x: -1000, y: 90, width: 900, height: 700 },
  ],
  [
    'on the main screen when the second is gone',
    { x: 2000, y: 90, width: 900, height: 700 },
    [main],
    { width: 900, height: 700 },
  ],
  [
    'whole, when it hung over an edge',
    { x: 1500, y: 90, width: 900, height: 700 },
    [main],
    { x: 1020, y: 90, width: 900, height: 700 },
  ],
  [
    'below the bar at the top',
    { x: 100, y: 10, width: 900, height: 700 },
    [main],
    { x: 100, y: 40, width: 900, height: 700 },
  ],
  [
    'no larger than the screen it is on',
    { x: 0, y: 40, width: 1920, height: 1040 },
    [small],
    { x: 0, y: 0, width: 800, height: 560 },
  ],
  [
    'no smaller than it can be used',
    { x: 50, y: 60, width: 10, height: 10 },
    [main],
    { width: 640, height: 480 },
  ],
  [
    'without any screen, somewhere',
    { x: 50, y: 60, width: 900, height: 700 },
    [],
    { width: 900, height: 700 },
  ],
])('a window opens %s', (_where, last, screens, expected) => {
  expect(placeWindow(last, screens)).toEqual(expected);
});

test('wherever a window was and whatever screens there are, its title bar can be reached', () => {
  const coordinate = fc.integer({ min: -20_000, max: 20_000 });
  const extent = fc.integer({ min: 1, max: 10_000 });
  const area = fc.record({ x: coordinate, y: coordinate, width: extent, height: extent });
  const screen = fc.record({
    x: coordinate,
    y: coordinate,
    width: fc.integer({ min: 640, max: 4000 }),
    height: fc.integer({ min: 480, max: 3000 }),
  });
  fc.assert(
    fc.property(area, fc.array(screen, { minLength: 1, maxLength: 3 }), (last, screens) => {
      const { x, y, width, height } = placeWindow(last, screens);
      expect(width).toBeGreaterThanOrEqual(640);
      expect(height).toBeGreaterThanOrEqual(480);
      if (x === undefined || y === undefined) return;
      const on = screens.find(
        (one) =>
          x >= one.x && y >= one.y && x + width <= one.x + one.width && y + height <= one.y + one.height,
      );
      expect(on).toBeDefined();
    }),
  );
});
