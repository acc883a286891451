import { readFile, statfs } from 'node:fs/promises';

/** The computer, as far as checks depend on it. Tests describe others than the one they run on. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  /** Number of this user; undefined where users have none. */
  readonly user: number | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Free bytes where a folder lies, and the number of its kind of file system (Linux, `statfs(2)`); undefined when that cannot be told. */
  space(folder: string): Promise<{ readonly free: number; readonly kind: number } | undefined>;
  /** Files and connections that this process may have open at once; undefined when that cannot be told. */
  openFiles(): Promise<number | undefined>;
}

export function thisMachine(): Machine {
  return {
    platform: process.platform,
    user: process.getuid?.(),
    environment: process.env,
    space: async (folder) => {
      const found = await statfs(folder).catch(() => undefined);
      return found && { free: found.bavail * found.bsize, kind: found.type };
    },
    openFiles: async () => {
      // Node raises its own limit at start as far as it may, so elsewhere than on Linux this is seldom a cause.
      const said = await readFile('/proc/self/limits', 'utf8').catch(() => '');
      const soft = /^Max open files\s+(\d+)/m.exec(said)?.[1];
      return soft === undefined ? undefined : Number(soft);
    },
  };
}
