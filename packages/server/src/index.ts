export type { ConflictResolution, ConflictView } from './engine/conflict-view.ts';
export { createEngine, type EngineOptions } from './engine/create-engine.ts';
export type { CallError, CallResult, Engine, Member, Page, PullRequest } from './engine/engine.ts';
export type * from './engine/ports.ts';
export type * from './engine/submission.ts';
export { createMemoryStore } from './store/memory.ts';
