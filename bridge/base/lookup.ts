import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** Finds all addresses of a host name. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/**
 * Finds the addresses for a connection, which then goes to the very ones that were checked.
 * @param check throws when it must not be made.
 */
export function checkedLookup(
  resolve: Resolve,
  check: (hostname: string, addresses: readonly LookupAddress[]) => void,
): LookupFunction {
  return (hostname, options, callback) => {
    const found = resolve(hostname).then((addresses) => {
      check(hostname, addresses);
      const [first] = addresses;
      if (!first) throw notFound(hostname);
      return { first, addresses };
    });
    found.then(
      ({ first, addresses }) => {
        if (options.all) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, []),
    );
  };
}

function notFound(hostname: string): Error {
  return Object.assign(new Error(`${hostname} has no address.`), { code: 'ENOTFOUND' });
}
