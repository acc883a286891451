import { app } from 'electron';
import type { Log } from '#bridge/base/log.ts';
import { VERSION } from '#bridge/base/version.ts';
import { updateOrigin } from './update-key.ts';
import { electronSource } from './update-source.ts';
import { openUpdates, type Updates } from './updates.ts';

/** Updates for the copy that runs. */
export function openOwnUpdates(platform: NodeJS.Platform, log: Log): Updates {
  const current = { version: VERSION, channel: 'latest', platform, arch: process.arch };
  return openUpdates({
    origin: updateOrigin,
    isPackaged: app.isPackaged,
    current,
    load: (origin) => electronSource(origin, current),
    log,
  });
}
