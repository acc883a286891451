import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
const ROOT = 0;

/** Both ends of a connection by IPv4. */
type Ends = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress' | 'localPort'>;

/**
 * Whether a program of another user of this computer is at the other end of a connection. A link to open the panel stands
 * in the arguments of the program that opens it, and a browser shows its cookies to every port of this computer; so on
 * Linux, where users can see both, neither is of use to them. Elsewhere, and where the system does not say, the answer
 * is no. Root may do anything anyway.
 */
export function isOtherUsers(socket: Ends): boolean {
  const own = process.getuid?.();
  if (process.platform !== 'linux' || own === undefined) return false;
  for (const table of TABLES) {
    const uid = ownerIn(tableAt(table), socket);
    if (uid !== undefined) return uid !== own && uid !== ROOT;
  }
  return false;
}

/**
 * The user of the program at the remote end, which a program may connect from any address of this computer, by a table
 * of the kernel (proc_net_tcp(5)); -1 when that program has closed already, undefined when it is not in the table.
 */
export function ownerIn(table: string, socket: Ends): number | undefined {
  const { remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 } = socket;
  const theirs = spellings(remoteAddress);
  const ours = spellings(localAddress);
  for (const [index, address] of theirs.entries()) {
    const row = ` ${address}:${portText(remotePort)} ${ours[index]}:${portText(localPort)} `;
    const start = table.indexOf(row);
    if (start === -1) continue;
    // Columns: local address, remote address, state, queues, timer, retries, user, timeout, inode.
    const [, , , , , , uid, , inode] = table.slice(start + 1, table.indexOf('\n', start)).split(/\s+/);
    return inode === '0' ? -1 : Number(uid);
  }
  return undefined;
}

/** An IPv4 address as the tables write it: in either order of bytes, as such and mapped into IPv6. */
function spellings(address: string): string[] {
  const bytes = address.split('.').map((part) => Number(part).toString(16).toUpperCase().padStart(2, '0'));
  return [bytes.toReversed().join(''), bytes.join('')].flatMap((v4) => [
    v4,
    `0000000000000000FFFF0000${v4}`,
    `00000000000000000000FFFF${v4}`,
  ]);
}

function portText(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

function tableAt(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
