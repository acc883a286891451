import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** What a second start tells the first one. */
export interface SecondStart {
  readonly argv: readonly string[];
  readonly folder: string;
  readonly data: unknown;
}

/** Only one process at a time has it for a folder, as Chromium does it: a link whose target names the process. */
export interface InstanceLock extends Disposable {
  /** Hears of later starts. Those before that are told at once. */
  hear(listener: (start: SecondStart) => void): void;
}

/**
 * Takes the lock; undefined when another process has it and has been told. Everything at once and without waiting,
 * because the app asks so.
 */
export function takeLock(userData: string, told: SecondStart): InstanceLock | undefined {
  const inbox = join(userData, 'second-starts');
  const lock = join(userData, 'SingletonLock');
  mkdirSync(inbox, { recursive: true, mode: 0o700 });
  for (;;) {
    try {
      symlinkSync(String(process.pid), lock);
      return openLock(lock, inbox);
    } catch {
      // Somebody has it, or had it.
    }
    if (isAlive(holderOf(lock))) {
      const draft = join(inbox, `${process.pid}.draft`);
      writeFileSync(draft, JSON.stringify(told), { mode: 0o600 });
      renameSync(draft, join(inbox, `${process.pid}.json`));
      return undefined;
    }
    rmSync(lock, { force: true });
  }
}

function holderOf(lock: string): number {
  try {
    return Number(readlinkSync(lock));
  } catch {
    return 0;
  }
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

function openLock(lock: string, inbox: string): InstanceLock {
  const leaving = new AbortController();
  return {
    hear: (listener) => {
      const look = (): void => {
        for (const name of readdirSync(inbox).filter((name) => name.endsWith('.json'))) {
          const start: SecondStart = JSON.parse(readFileSync(join(inbox, name), 'utf8'));
          unlinkSync(join(inbox, name));
          listener(start);
        }
      };
      watch(inbox, { signal: leaving.signal }, look);
      look();
    },
    [Symbol.dispose]: () => {
      leaving.abort();
      rmSync(lock, { force: true });
    },
  };
}
