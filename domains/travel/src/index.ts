export { travelDomain } from './entities.ts';
export { printTravelSchema, travelGraphQL } from './graphql.ts';
export { type Adopted, type Adopting, adoptFiles, type RecordWithFile } from './legacy/adopt-files.ts';
export { MovingStopped } from './moving-in/carry.ts';
export { type MovingIn, type MovingResult, moveIn } from './moving-in/move-in.ts';
export type { Counts, MovingReport } from './moving-in/report.ts';
export { openSource, type Source } from './moving-in/source.ts';
