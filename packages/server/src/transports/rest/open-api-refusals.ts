/** How refusals read in an OpenAPI document, and those that any route may answer. */
import { z } from 'zod';
import type { RestRoute } from './route.ts';

export const REFUSAL = z
  .object({
    detail: z.string().describe('What happened, and what to do about it.'),
    code: z.string().describe('What happened, for programs.'),
  })
  .meta({ id: 'Refusal', description: 'How every refusal reads.' });

const FAULTS = z
  .object({
    detail: z.array(
      z.object({
        loc: z.array(z.union([z.string(), z.number()])).describe('Where: `["body", "name"]`.'),
        msg: z.string(),
        type: z.string(),
      }),
    ),
    code: z.string(),
  })
  .meta({ id: 'Faults', description: 'All that is wrong with the values of a request.' });

/** What any route may answer. */
export function sharedRefusals(route: RestRoute): [string, string, z.ZodType][] {
  const { params, query, body, access, alwaysOpen } = route;
  const refusals: [string, string, z.ZodType][] = [];
  if (access.token !== 'none') refusals.push(['401', 'There is no token, or it is not valid here.', REFUSAL]);
  if (params || query || body !== undefined)
    refusals.push(['422', 'A value is missing or not allowed.', FAULTS]);
  if (alwaysOpen) return refusals;
  refusals.push(['429', 'Too many requests; `Retry-After` says when to go on.', REFUSAL]);
  refusals.push(['503', 'The database can’t be reached just now.', REFUSAL]);
  return refusals;
}
