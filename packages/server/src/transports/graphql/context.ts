/** What resolvers know of a request: who calls, from which device, and the services that they may use. */
import type { Accounts, Authentication, User, UserStore } from '../../auth/ports.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Actor } from '../../engine/submission.ts';
import type { Files } from '../../files/ports.ts';
import { refusal } from './errors.ts';
import { createFileUrls, type FileUrl } from './file-urls.ts';
import { createReads, type Reads } from './reads.ts';
import type { ToView } from './record-view.ts';
import type { WireDomain } from './wire-type.ts';

export interface GraphQLServices {
  readonly engine: Engine;
  readonly wire: WireDomain;
  readonly toView: ToView;
  readonly accounts: Accounts;
  readonly users: Pick<UserStore, 'usersById' | 'credentialsByEmail'>;
  readonly files: Files;
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
  /** For callers that name none: the device, or else the sign-in. Refuses anonymous callers. */
  readonly reader: string;
  /** Gives what was made under this name in this request, or makes it. */
  once<T>(name: string, make: () => T): T;
  /** The address under which the caller reaches this server, without a slash at the end. */
  readonly origin: string;
  /** What the request has read so far. Refuses anonymous callers. */
  readonly reads: Reads;
  /** Where the file is that a record names. */
  readonly fileUrl: FileUrl;
}

export function createContext(
  services: GraphQLServices,
  request: Pick<GraphQLContext, 'caller' | 'address' | 'device' | 'origin'>,
): GraphQLContext {
  let reads: Reads | null = null;
  let fileUrl: FileUrl | null = null;
  const made = new Map<string, unknown>();
  return {
    ...services,
    ...request,
    once<T>(name: string, make: () => T): T {
      if (!made.has(name)) made.set(name, make());
      return made.get(name) as T;
    },
    get reader() {
      return request.device ?? requireCaller(request.caller).session;
    },
    get reads() {
      reads ??= createReads(services, requireActor(this), request.device);
      return reads;
    },
    get fileUrl() {
      fileUrl ??= createFileUrls(services.files, request.origin);
      return fileUrl;
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
