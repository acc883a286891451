import { readdir, readFile, readlink } from 'node:fs/promises';
import { oneLine } from '../base/text.ts';

/** State of a socket that waits for connections, in `/proc/net/tcp`. */
const LISTENING = '0A';

/** Who listens on a TCP port of this computer, as far as Linux tells: `nc (process 4711)`; undefined when it cannot be told. */
export async function holderOfPort(port: number): Promise<string | undefined> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(textOf));
  return holderOf(tables.flatMap((table) => inodesOfPort(table, port)));
}

/** The same of a Unix socket. */
export async function holderOfSocket(path: string): Promise<string | undefined> {
  const lines = (await textOf('/proc/net/unix')).split('\n');
  const rows = lines.filter((line) => line.endsWith(` ${path}`)).map((line) => line.trim().split(/\s+/));
  return holderOf(rows.flatMap((row) => row[6] ?? []));
}

/** Inodes of the sockets that listen on a port, in a table of `/proc/net`. Pure. */
export function inodesOfPort(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    return state === LISTENING && local.endsWith(`:${wanted}`) && inode !== undefined ? [inode] : [];
  });
}

/** The first process of ours that has one of these sockets; those of other users cannot be looked into. */
async function holderOf(inodes: readonly string[]): Promise<string | undefined> {
  if (inodes.length === 0) return undefined;
  const wanted = new Set(inodes.map((inode) => `socket:[${inode}]`));
  const pids = (await namesIn('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const files = `/proc/${pid}/fd`;
    for (const file of await namesIn(files)) {
      const target = await readlink(`${files}/${file}`).catch(() => '');
      if (!wanted.has(target)) continue;
      // Never its command line, which may hold secrets.
      const name = oneLine(await textOf(`/proc/${pid}/comm`), 40);
      return `${name || 'a program'} (process ${pid})`;
    }
  }
  return undefined;
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
