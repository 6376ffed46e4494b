/**
 * The key under which callers from an IP address share their limits. An IPv6 user commands at least 2^64 addresses,
 * so the network part stands for all of them; an IPv4 address is the same one however it is written.
 */
import { isIPv6 } from 'node:net';

export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1]) return mapped[1];
  const [bare = ''] = address.split('%');
  return isIPv6(bare) ? `${networkPart(bare)}::/64` : address;
}

function networkPart(address: string): string {
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  // Without '::' all eight groups are there; with it, the gap stands for as many zeros as are missing.
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...right];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
