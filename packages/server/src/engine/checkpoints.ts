/**
 * Checkpoints of a scope: what it was at a position of its log, as counts and checksums. Nothing is copied, since history
 * tells the rest; so a checkpoint lasts as long as history does, and within one life of the database. For domains whose
 * records live in tenants.
 */
import { randomUUID } from 'node:crypto';
import { type ErrorCode, errorText, LIMITS, type Registry, type Role, roleReaches } from '@ackord/core';
import type {
  Checkpoint,
  CheckpointFault,
  CheckpointForm,
  CheckpointTable,
  CheckpointType,
  ScopeSums,
} from './checkpoint-ports.ts';
import type { CallError, CallResult, Engine } from './engine.ts';
import type { ScopeState, Snapshot, Store } from './ports.ts';
import { scopesOfUser } from './reads.ts';
import { planRestore, type RestorePlan, type RestoreReport, restoreTo } from './restore.ts';
import type { Actor } from './submission.ts';
import { differingTypes, sumsBy, typeKeysOf, walkScope } from './walk-scope.ts';

export interface CheckpointCall {
  readonly actor: Actor;
  readonly scope: string;
  readonly id: string;
}

export interface CheckpointCheck {
  readonly checkpoint: Checkpoint;
  /** What history says that the scope was; null: it does not reach back that far. */
  readonly former: ScopeSums | null;
  /** Types in which that is not what was noted. */
  readonly differingTypes: readonly string[];
  /** How many records would have to change to go back. */
  readonly changesNeeded: number;
}

/** FORBIDDEN: no such scope or checkpoint of the caller's, or too small a role. */
export interface Checkpoints {
  /** For EDITORs. */
  create(request: {
    readonly actor: Actor;
    readonly scope: string;
    readonly type: CheckpointType;
  }): Promise<CallResult<{ readonly checkpoint: Checkpoint }>>;
  /** Newest first; what has become useless is said to be. */
  list(request: {
    readonly actor: Actor;
    readonly scope: string;
  }): Promise<CallResult<{ readonly checkpoints: readonly Checkpoint[] }>>;
  verify(call: CheckpointCall): Promise<CallResult<{ readonly check: CheckpointCheck }>>;
  /** For OWNERs. CHECKPOINT_INVALID where it is useless; BUSY while the scope is being restored already. */
  restore(call: CheckpointCall): Promise<CallResult<{ readonly report: RestoreReport }>>;
}

export interface CheckpointTools {
  readonly engine: Pick<Engine, 'submit'>;
  readonly store: Store;
  readonly table: CheckpointTable;
  readonly registry: Registry;
  readonly form: CheckpointForm;
}

const refuse = (code: ErrorCode, detail?: string): CallError => ({
  ok: false,
  code,
  message: errorText(code, detail),
});

export function createCheckpoints(tools: CheckpointTools): Checkpoints {
  const { store, table, registry, form } = tools;
  const isTenants = registry
    .domain(form.domain)
    .synced.every((type) => type.scope === 'tenant' && !type.unique);
  if (!isTenants) throw new Error(`Records of ${form.domain} do not all live in tenants`);
  const restoring = new Set<string>();

  /** Runs the work for a caller whose role reaches `least`. */
  const inScope = <T>(
    { actor, scope }: { readonly actor: Actor; readonly scope: string },
    least: Role,
    work: (snapshot: Snapshot, state: ScopeState) => Promise<CallResult<T>>,
  ): Promise<CallResult<T>> =>
    store.snapshot(async (snapshot) => {
      const role = (await scopesOfUser(snapshot, actor.userId)).get(scope) ?? null;
      if (!roleReaches(role, least)) return refuse('FORBIDDEN');
      const [state] = await snapshot.scopes([scope]);
      return work(snapshot, state ?? nothingYet(scope, await snapshot.now()));
    });

  /** The checkpoint, its faults as far as they show without reading history, and the plan where there are none. */
  const examine = async (
    { actor, scope, id }: CheckpointCall,
    least: Role,
  ): Promise<CallResult<{ readonly checkpoint: Checkpoint; readonly plan: RestorePlan | null }>> => {
    // Not inside of the snapshot: that would hold one connection and wait for another.
    const checkpoint = await table.find(scope, id);
    const found = await inScope<{ checkpoint: Checkpoint; plan: RestorePlan | null }>(
      { actor, scope },
      least,
      async (snapshot, state) => {
        if (!checkpoint) return refuse('FORBIDDEN');
        const faults = [...checkpoint.faults, ...faultsOf(checkpoint, state, store.epoch)];
        if (faults.length > 0) return { ok: true, checkpoint: withFaults(checkpoint, faults), plan: null };
        const plan = await planRestore(snapshot, tools, checkpoint);
        const wrong = differingTypes(plan.former, checkpoint);
        return {
          ok: true,
          checkpoint: wrong.length > 0 ? withFaults(checkpoint, [mismatch(wrong)]) : checkpoint,
          plan,
        };
      },
    );
    if (found.ok && !found.checkpoint.isValid) await table.invalidate(scope, id, found.checkpoint.faults);
    return found;
  };

  return {
    async create({ actor, scope, type }) {
      const made = await inScope({ actor, scope }, 'EDITOR', async (snapshot, state) => {
        if (state.closedAt !== null) return refuse('FORBIDDEN');
        const sums = sumsBy(form, registry);
        await walkScope(snapshot, scope, state.head, typeKeysOf(registry, form.domain), (record) => {
          if (record.tombstone === null) sums.add(record.type, record.id, record.fields);
        });
        const [newest] = await snapshot.lines([{ scope, after: state.head - 1, upTo: state.head }], 1);
        const checkpoint: Checkpoint = {
          id: randomUUID(),
          scope,
          domain: form.domain,
          type,
          seq: state.head,
          epoch: store.epoch,
          createdAt: await snapshot.now(),
          createdBy: actor.userId,
          lastSyncTime: newest?.at ?? state.createdAt,
          ...sums.result(),
          isValid: true,
          faults: [],
        };
        return { ok: true, checkpoint };
      });
      if (made.ok) await table.add(made.checkpoint);
      return made;
    },

    async list({ actor, scope }) {
      const kept = await table.list(scope, LIMITS.checkpointsPerScopeMax);
      return inScope({ actor, scope }, 'VIEWER', async (_, state) => {
        const checkpoints = kept.map((one) => {
          const faults = one.isValid ? faultsOf(one, state, store.epoch) : one.faults;
          return faults.length > 0 ? withFaults(one, faults) : one;
        });
        return { ok: true, checkpoints };
      });
    },

    async verify(call) {
      const found = await examine(call, 'VIEWER');
      if (!found.ok) return found;
      const { checkpoint, plan } = found;
      const check: CheckpointCheck = {
        checkpoint,
        former: plan?.former ?? null,
        differingTypes: plan ? differingTypes(plan.former, checkpoint) : [],
        changesNeeded: plan?.wanted.length ?? 0,
      };
      return { ok: true, check };
    },

    async restore(call) {
      if (restoring.has(call.scope)) return refuse('BUSY', 'The tenant is being restored just now.');
      restoring.add(call.scope);
      try {
        const found = await examine(call, 'OWNER');
        if (!found.ok) return found;
        const { checkpoint, plan } = found;
        if (!checkpoint.isValid || plan === null)
          return refuse('CHECKPOINT_INVALID', checkpoint.faults.map(({ message }) => message).join(' '));
        return { ok: true, report: await restoreTo(tools, checkpoint, call.actor, plan) };
      } finally {
        restoring.delete(call.scope);
      }
    },
  };
}

const nothingYet = (id: string, now: number): ScopeState => ({
  id,
  head: 0,
  horizon: 0,
  createdAt: now,
  closedAt: null,
});

const withFaults = (checkpoint: Checkpoint, faults: readonly CheckpointFault[]): Checkpoint => ({
  ...checkpoint,
  isValid: false,
  faults,
});

const mismatch = (types: readonly string[]): CheckpointFault => ({
  code: 'CHECKSUM_MISMATCH',
  message: `History tells something else than was noted of: ${types.join(', ')}.`,
});

/** What makes a checkpoint useless, whatever it is about. */
function faultsOf(checkpoint: Checkpoint, state: ScopeState, epoch: number): CheckpointFault[] {
  const faults: CheckpointFault[] = [];
  if (checkpoint.epoch !== epoch || checkpoint.seq > state.head)
    faults.push({ code: 'OTHER_EPOCH', message: 'The database was restored from a backup since.' });
  if (checkpoint.seq < state.horizon)
    faults.push({ code: 'HISTORY_TRIMMED', message: 'The history since then is not kept any more.' });
  if (state.closedAt !== null) faults.push({ code: 'SCOPE_CLOSED', message: 'The tenant was deleted.' });
  return faults;
}
