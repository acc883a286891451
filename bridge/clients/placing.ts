import type { Connection } from './connections.ts';
import { canonical, leavesOf, likenessOf } from './foreign/server-entries.ts';
import type { ConfigValue } from './formats/format.ts';
import type { FileClient } from './known/client.ts';
import { entryName, freeName } from './known/entry-name.ts';
import type { ConnectSaid, Way } from './preview-text.ts';

type Place = Pick<ConnectSaid, 'entry' | 'takenName' | 'replaces'>;

/**
 * Under which name the entry goes, and what it takes the place of. One address has one entry in a client.
 * @param ways all that lead to the address now.
 */
export function placeIn(
  servers: ReadonlyMap<string, ConfigValue>,
  own: readonly Connection[],
  { client, address, ways }: { client: FileClient; address: string; ways: readonly Way[] },
): Place {
  const recorded = own.find((one) => one.address === address);
  const present = recorded && servers.get(recorded.entry);
  if (recorded && present !== undefined) {
    const likeness = likenessOf(recorded.written, recorded.leads, canonical(present));
    if (likeness !== 'foreign') {
      const replaces = likeness === 'same' ? 'ours' : 'changed';
      return { entry: recorded.entry, takenName: undefined, replaces };
    }
  }
  const reserved = own.filter((one) => one !== recorded).map((one) => one.entry);
  const former = [...servers].find(
    ([name, entry]) => !reserved.includes(name) && ways.some((way) => isFormer([name, entry], client, way)),
  );
  if (former) return { entry: former[0], takenName: undefined, replaces: 'former' };
  const wanted = recorded?.entry ?? entryName(address);
  const entry = freeName(wanted, [...servers.keys(), ...reserved]);
  return { entry, takenName: entry === wanted ? undefined : wanted, replaces: 'nothing' };
}

/** An entry that leads to the same as ours, although there is no record of it. */
export function isFormer(
  [name, entry]: readonly [string, ConfigValue],
  client: FileClient,
  way: Way,
): boolean {
  if (way.door === 'http') return leavesOf(entry).includes(way.url);
  const ours = canonical(client.stdio?.({ command: way.command, args: way.args }, name) ?? {});
  return ['same', 'off'].includes(likenessOf(ours, way.command, canonical(entry)));
}

/** Whether one of these connections has its entry in the file. */
export function holdsOurs(own: readonly Connection[], servers: ReadonlyMap<string, ConfigValue>): boolean {
  return own.some(({ entry, written, leads }) => {
    const present = servers.get(entry);
    return present !== undefined && likenessOf(written, leads, canonical(present)) !== 'foreign';
  });
}
