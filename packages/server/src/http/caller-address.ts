/** The IP address of whoever sends a request, seen through the proxies that the configuration trusts, as fastify does. */
import type { IncomingMessage } from 'node:http';
import proxyAddress, { compile } from '@fastify/proxy-addr';

export function callerAddress(trustProxy: readonly string[]): (request: IncomingMessage) => string {
  if (trustProxy.length === 0) return ({ socket }) => socket.remoteAddress ?? '';
  const trusts = compile([...trustProxy]);
  return (request) => proxyAddress(request, trusts);
}
