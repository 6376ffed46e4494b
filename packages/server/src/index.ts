export type { ConflictResolution, ConflictView } from './engine/conflict-view.ts';
export { createEngine, type EngineOptions } from './engine/create-engine.ts';
export type { CallError, CallResult, Engine, Member, Page, PullRequest } from './engine/engine.ts';
export type * from './engine/ports.ts';
export type * from './engine/submission.ts';
export { createMemoryStore } from './store/memory.ts';
export { printDomainSchema } from './transports/graphql/build-schema.ts';
export { defineGraphQL, type GraphQLDomain, type GraphQLType } from './transports/graphql/domain.ts';
export { type GraphQLOptions, graphqlPlugin } from './transports/graphql/plugin.ts';
