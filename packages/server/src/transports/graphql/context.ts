/** What resolvers know of a request: who calls, from which device, and the services that they may use. */
import type { Accounts, Authentication, User, UserStore } from '../../auth/ports.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Actor } from '../../engine/submission.ts';
import { refusal } from './errors.ts';
import { createReads, type Reads } from './reads.ts';
import type { ToView } from './record-view.ts';
import type { WireDomain } from './wire-type.ts';

export interface GraphQLServices {
  readonly engine: Engine;
  readonly wire: WireDomain;
  readonly toView: ToView;
  readonly accounts: Accounts;
  readonly users: Pick<UserStore, 'usersById' | 'credentialsByEmail'>;
  /** Rows of a page when the caller names no number. */
  readonly pageRowsDefault: number;
  readonly changesPerSubmissionMax: number;
}

export interface GraphQLContext extends GraphQLServices {
  readonly caller: Authentication;
  /** IP address, for limiting attempts. */
  readonly address: string;
  /** As the header X-Device-Id names it. */
  readonly device: string | null;
  /** What the request has read so far. Refuses anonymous callers. */
  readonly reads: Reads;
}

export function createContext(
  services: GraphQLServices,
  request: { readonly caller: Authentication; readonly address: string; readonly device: string | null },
): GraphQLContext {
  let reads: Reads | null = null;
  return {
    ...services,
    ...request,
    get reads() {
      reads ??= createReads(services, requireActor(this), request.device);
      return reads;
    },
  };
}

/** The caller, or UNAUTHENTICATED; UNAVAILABLE when nobody can tell just now. */
export function requireActor({ caller }: Pick<GraphQLContext, 'caller'>): Actor {
  return requireCaller(caller).actor;
}

export function requireUser({ caller }: Pick<GraphQLContext, 'caller'>): User {
  return requireCaller(caller).user;
}

function requireCaller(caller: Authentication): Extract<Authentication, { outcome: 'actor' }> {
  switch (caller.outcome) {
    case 'actor':
      return caller;
    case 'anonymous':
      throw refusal('UNAUTHENTICATED');
    case 'unavailable':
      throw refusal('UNAVAILABLE');
  }
}
