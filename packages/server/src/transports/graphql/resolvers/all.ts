/** All resolvers of a domain's schema, by type and field. */
import type { Resolvers } from '../resolver.ts';
import type { WireDomain } from '../wire-type.ts';
import { accountResolvers } from './accounts.ts';
import { bulkSync } from './bulk-sync.ts';
import { getConflicts, resolveConflict } from './conflicts.ts';
import { enhancedSync } from './enhanced-sync.ts';
import { recordResolvers } from './records.ts';
import { sharingResolvers } from './sharing.ts';
import { syncDigests } from './sync-digests.ts';

const syncResolvers: Resolvers = {
  Query: { enhancedSync, getConflicts, syncDigests },
  Mutation: { bulkSync, resolveConflict },
};

export const resolversOf = (wire: WireDomain): readonly Resolvers[] => [
  accountResolvers,
  syncResolvers,
  sharingResolvers(wire),
  recordResolvers(wire),
  wire.mapping.resolvers ?? {},
];
