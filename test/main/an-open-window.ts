import { app, session } from 'electron';
import { expect, vi } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { serveApp } from '#main/app-protocol.ts';
import type { WindowPlace } from '#main/choices.ts';
import { openWindows, type WindowParts, type Windows } from '#main/windows.ts';
import { type Desktop, type DesktopOptions, newDesktop } from '../electron/desktop.ts';

const files = new Map([['/index.html', { bytes: new Uint8Array([60]), type: 'text/html' }]]);

/** A desktop with the app's window, not shown yet, and everything that was told around it. */
export interface Stage {
  readonly desktop: Desktop;
  readonly windows: Windows;
  readonly kept: WindowPlace[];
  readonly told: string[];
}

export interface StageOptions extends DesktopOptions {
  readonly last?: WindowPlace;
  readonly onClose?: WindowParts['onClose'];
  readonly log?: WindowParts['log'];
  readonly drawMs?: number;
}

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const desktop = newDesktop(options);
  await app.whenReady();
  serveApp(session.defaultSession, files);
  const kept: WindowPlace[] = [];
  const told: string[] = [];
  const windows = openWindows({
    platform: options.platform ?? 'linux',
    preload: '/app/out/preload/index.cjs',
    door: { admit: () => void told.push('admitted') },
    place: {
      last: () => options.last,
      keep: async (place) => void kept.push(place),
    },
    onClose: options.onClose ?? (() => 'hide'),
    hidden: () => void told.push('hidden'),
    sessionEnds: () => void told.push('session ends'),
    refusals: { add: (what) => void told.push(what) },
    log: options.log ?? silentLog,
    // Longer than any test.
    drawMs: options.drawMs ?? 60_000,
  });
  return { desktop, windows, kept, told };
}

/** The one window can be seen. */
export const shown = (desktop: Desktop): Promise<void> =>
  vi.waitFor(() => expect(desktop.window.isVisible()).toBe(true));
