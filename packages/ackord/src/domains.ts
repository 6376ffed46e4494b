/** The domains that come with the server, and where each is served. */
import { financeDomain, serveFinance } from '@ackord/finance';
import type { ServedDomain } from '@ackord/server';
import { travelDomain, travelGraphQL } from '@ackord/travel';

export const bundledDomains: readonly ServedDomain[] = [
  // Apps of the travel journal know this address.
  { definition: travelDomain, graphql: travelGraphQL, path: '/graphql' },
  { definition: financeDomain, serve: serveFinance },
];
