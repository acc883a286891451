/** Where a window is, in the coordinates of the desktop. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where a window opens; without coordinates the system chooses. */
export interface PlacedWindow {
  readonly x?: number;
  readonly y?: number;
  readonly width: number;
  readonly height: number;
}

const USUAL = { width: 1080, height: 720 };
const LEAST = { width: 640, height: 480 };
/** So much of a window must be on a screen, at the top too, or nobody can move it. */
const GRIP = { width: 120, height: 40 };

/**
 * Where a window opens: where it was seen last, moved and cut so that it is on a screen. Screens come and go.
 * @param screens the parts of the screens that bars leave free, the main one first.
 */
export function placeWindow(last: Area | undefined, screens: readonly Area[]): PlacedWindow {
  if (last === undefined) return fitted(USUAL, screens[0]);
  const screen = [...screens].sort((a, b) => sharedBy(b, last) - sharedBy(a, last))[0];
  const size = fitted(last, screen);
  if (screen === undefined || !canBeGripped(last, screen)) return fitted(last, screens[0]);
  return {
    x: within(last.x, screen.x, screen.x + screen.width - size.width),
    y: within(last.y, screen.y, screen.y + screen.height - size.height),
    ...size,
  };
}

type Size = Pick<Area, 'width' | 'height'>;

function fitted({ width, height }: Size, screen: Area | undefined): Size {
  return {
    width: within(width, LEAST.width, Math.max(screen?.width ?? width, LEAST.width)),
    height: within(height, LEAST.height, Math.max(screen?.height ?? height, LEAST.height)),
  };
}

function canBeGripped(window: Area, screen: Area): boolean {
  const width = Math.min(window.x + window.width, screen.x + screen.width) - Math.max(window.x, screen.x);
  const bar = { from: window.y, to: window.y + GRIP.height };
  return width >= GRIP.width && bar.from >= screen.y - GRIP.height && bar.to <= screen.y + screen.height;
}

function sharedBy(screen: Area, window: Area): number {
  const width = Math.min(window.x + window.width, screen.x + screen.width) - Math.max(window.x, screen.x);
  const height = Math.min(window.y + window.height, screen.y + screen.height) - Math.max(window.y, screen.y);
  return Math.max(width, 0) * Math.max(height, 0);
}

function within(value: number, least: number, most: number): number {
  return Math.round(Math.max(least, Math.min(value, most)));
}
