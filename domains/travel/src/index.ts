export { travelDomain } from './entities.ts';
export { printTravelSchema, travelGraphQL } from './graphql.ts';
