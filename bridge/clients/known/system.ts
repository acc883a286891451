import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import type { System } from './client.ts';

/** The computer this runs on. Only looks whether something is there; opens no file. */
export function thisSystem(): System {
  const { platform } = process;
  return {
    platform: platform === 'darwin' || platform === 'win32' ? platform : 'linux',
    home: homedir(),
    environment: process.env,
    exists: (path) => existsSync(path),
    names: (folder) => {
      try {
        return readdirSync(folder);
      } catch {
        return [];
      }
    },
  };
}
