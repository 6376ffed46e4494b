export { checkAccount } from './auth/account-input.ts';
export { isBcrypt } from './auth/bcrypt.ts';
export { type Auth, tokensOf } from './auth/create-auth.ts';
export {
  type AccountResult,
  type Accounts,
  type Authenticate,
  type Authentication,
  isUnavailable,
  type User,
  type UserStore,
} from './auth/ports.ts';
export { type IssuedToken, tokenFor } from './auth/token-for.ts';
export { createMemoryBus } from './bus/memory.ts';
export { type BusObserver, createRedisBus, type RedisBus, type RedisBusOptions } from './bus/redis.ts';
export type { Cache, CacheObserver } from './cache/cache.ts';
export { createMemoryCache } from './cache/memory.ts';
export { createCachedPages, schemaOf } from './cache/pages.ts';
export { configurationPage, envExample } from './config/reference.ts';
export { type Config, type Environment, type ParsedConfig, parseConfig } from './config.ts';
export {
  createServer,
  type DomainServices,
  type ServedDomain,
  type ServedPart,
  type Server,
  type ServerOptions,
} from './create-server.ts';
export type { Announcement, CommitNews } from './engine/announcement.ts';
export type * from './engine/checkpoint-ports.ts';
export {
  type CheckpointCall,
  type CheckpointCheck,
  type Checkpoints,
  createCheckpoints,
} from './engine/checkpoints.ts';
export type { ConflictResolution, ConflictView } from './engine/conflict-view.ts';
export { createEngine, type EngineOptions } from './engine/create-engine.ts';
export type { CallError, CallResult, Engine, Member, Page, PullRequest } from './engine/engine.ts';
export { groupBy } from './engine/group-by.ts';
export { joinNews } from './engine/join-news.ts';
export { type Leadership, type LeadershipOptions, startLeadership } from './engine/leadership.ts';
export type { Following, NewsListener } from './engine/live.ts';
export type { MovedRecord, News } from './engine/news.ts';
export type * from './engine/ports.ts';
export { isAcknowledged } from './engine/receipts.ts';
export type { RestoreReport } from './engine/restore.ts';
export { noPages } from './engine/second-ask.ts';
export type * from './engine/submission.ts';
export type { ScopeChanges } from './engine/whole-scope.ts';
export { acceptedType, nameProblem, TYPE_RULE } from './files/content.ts';
export { createFileService } from './files/create-file-service.ts';
export { extensionOf, isKey } from './files/key.ts';
export type * from './files/ports.ts';
export type { Refusal } from './http/error-reply.ts';
export type * from './moving-in/ports.ts';
export { createLogger, type Logger } from './observe/logger.ts';
export { type OpenedDatabase, openDatabaseOf } from './open-database.ts';
export type { RedisPlace } from './redis/place.ts';
export type { RedisWatch } from './redis/watch.ts';
export { type RunningNote, readRunningNote, removeRunningNote, writeRunningNote } from './running-note.ts';
export type * from './siblings/ports.ts';
export { startEmbeddedPostgres } from './store/embedded.ts';
export { EmbeddedPostgresError } from './store/embedded-errors.ts';
export { DatabaseFailure } from './store/failure.ts';
export { createMemoryStore } from './store/memory.ts';
export { takeBackMigrations } from './store/migrate-database.ts';
export { openMovedRows } from './store/moved-rows.ts';
export { openPostgresStore, type PostgresStore } from './store/postgres-store.ts';
export type * from './sync-models/ports.ts';
export { LOG_STATUSES } from './sync-models/ports.ts';
export { printDomainSchema } from './transports/graphql/build-schema.ts';
export { type GraphQLContext, requireActor, requireUser } from './transports/graphql/context.ts';
export { defineGraphQL, type GraphQLDomain, type GraphQLType } from './transports/graphql/domain.ts';
export { badArgument, CallRefused, orRefuse, refusal } from './transports/graphql/errors.ts';
export { inRange } from './transports/graphql/in-range.ts';
export { listRecords, listViews, PAGE_ARGUMENTS, type PageArgs } from './transports/graphql/list-records.ts';
export { type GraphQLOptions, graphqlPlugin } from './transports/graphql/plugin.ts';
export type { RecordView } from './transports/graphql/record-view.ts';
export { type Resolver, type Resolvers, whenReady } from './transports/graphql/resolver.ts';
export { syncAtOnce } from './transports/graphql/sync-at-once.ts';
export {
  deleteRecord,
  deleteRecords,
  writeRaw,
  writeRecord,
  writeRecords,
} from './transports/graphql/write-record.ts';
export { addRestRoutes, type RestOptions } from './transports/rest/add-rest-routes.ts';
export {
  answerJson,
  type Fault,
  type RestAnswer,
  refuse,
  refuseFaults,
  statusOfCode,
} from './transports/rest/answer.ts';
export { API_DOCUMENT_PATH, API_PAGE_PATH, addApiDocs } from './transports/rest/api-docs.ts';
export { openApiDocument } from './transports/rest/open-api.ts';
export type { ApiInfo, OpenApiDocument } from './transports/rest/open-api-types.ts';
export {
  type MultipartBody,
  type RestCall,
  type RestRoute,
  restRoute,
  type UploadedFile,
} from './transports/rest/route.ts';
export { CLOSE, type CloseCode } from './transports/websocket/close-codes.ts';
export { createFanOut, type FanOut } from './transports/websocket/fan-out.ts';
export type { LiveSocket } from './transports/websocket/live-socket.ts';
export { isOwnName, mayOpen, type OriginRules, originRules } from './transports/websocket/origins.ts';
export type { Knock, SocketEndpoint, SocketHandler, SocketHost } from './transports/websocket/socket-host.ts';
export { SocketPace } from './transports/websocket/socket-pace.ts';
export { type TextFrames, textFrames } from './transports/websocket/text-frames.ts';
