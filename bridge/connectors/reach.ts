import { BlockList, isIP } from 'node:net';

/**
 * Where a host is: on the internet, on this computer, in somebody's own network, or nowhere a server can be
 * (unspecified, multicast, reserved).
 */
export type Reach = 'public' | 'loopback' | 'own-network' | 'never';

type Range = readonly [network: string, prefix: number, family: 'ipv4' | 'ipv6'];

/** From the IANA special-purpose address registries (RFC 6890). */
const ranges: Readonly<Record<Exclude<Reach, 'public'>, readonly Range[]>> = {
  loopback: [
    ['127.0.0.0', 8, 'ipv4'],
    ['::1', 128, 'ipv6'],
  ],
  'own-network': [
    ['10.0.0.0', 8, 'ipv4'],
    ['100.64.0.0', 10, 'ipv4'],
    ['169.254.0.0', 16, 'ipv4'],
    ['172.16.0.0', 12, 'ipv4'],
    ['192.0.0.0', 24, 'ipv4'],
    ['192.168.0.0', 16, 'ipv4'],
    ['198.18.0.0', 15, 'ipv4'],
    ['64:ff9b::', 96, 'ipv6'],
    ['64:ff9b:1::', 48, 'ipv6'],
    ['fc00::', 7, 'ipv6'],
    ['fe80::', 10, 'ipv6'],
    ['fec0::', 10, 'ipv6'],
  ],
  never: [
    ['0.0.0.0', 8, 'ipv4'],
    ['224.0.0.0', 4, 'ipv4'],
    ['240.0.0.0', 4, 'ipv4'],
    ['::', 128, 'ipv6'],
    ['ff00::', 8, 'ipv6'],
  ],
};

const lists = Object.entries(ranges).map(([reach, networks]) => {
  const list = new BlockList();
  for (const [network, prefix, family] of networks) list.addSubnet(network, prefix, family);
  return { reach: reach as Exclude<Reach, 'public'>, list };
});

/** Names that are never on the internet (RFC 6761, RFC 6762, RFC 8375, and `.internal` as reserved by ICANN). */
const OWN_NAMES = /\.(local|internal|intranet|lan|home|corp|private|home\.arpa)$/;

/**
 * Where the host of an address is, told from its text alone.
 * @param hostname as `URL.hostname` gives it: lower case, IPv6 in brackets.
 */
export function reachOfHost(hostname: string): Reach {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const version = isIP(host);
  if (version !== 0) {
    // An IPv4 address in IPv6 clothes (::ffff:10.0.0.1) is found in the IPv4 ranges by BlockList itself.
    return lists.find(({ list }) => list.check(host, version === 4 ? 'ipv4' : 'ipv6'))?.reach ?? 'public';
  }
  if (host === 'localhost' || host.endsWith('.localhost')) return 'loopback';
  if (!host.includes('.') || OWN_NAMES.test(host)) return 'own-network';
  return 'public';
}
