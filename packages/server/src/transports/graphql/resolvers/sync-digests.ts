/** syncDigests: what a client compares its replica with. */
import { formatDigest } from '@ackord/core';
import { requireActor } from '../context.ts';
import type { Resolver } from '../resolver.ts';

export const syncDigests: Resolver = async (_source, _args, context) => {
  const { engine, wire } = context;
  const digests = await engine.digests(requireActor(context));
  return digests.flatMap(({ scope, type: key, digest }) => {
    const type = wire.byKey.get(key);
    // A user's own scope is shared by all domains of the server.
    if (!type) return [];
    return [{ scope, entityType: type.entity.name, count: digest.count, digest: formatDigest(digest) }];
  });
};
