/** What the tests of subscriptions share: rows to send, a client that follows, and a bare socket that says anything. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Caller, GraphQLServer, Loose } from '../support/graphql.ts';

export const AT = '2026-05-01T08:00:00.000Z';

export const create = (fields: Record<string, unknown>) => ({
  id: randomUUID() as string,
  syncVersion: 0,
  clientTimestamp: AT,
  operation: 'CREATE',
  ...fields,
});
export const trip = (fields: Record<string, unknown> = {}) =>
  create({ name: 'Brittany', startDate: AT, ...fields });
export const memory = (tripId: string, title: string, fields: Record<string, unknown> = {}) =>
  create({ tripId, title, ...fields });
export const update = (id: string, syncVersion: number, fields: Record<string, unknown>) => ({
  id,
  syncVersion,
  clientTimestamp: AT,
  operation: 'UPDATE',
  ...fields,
});
export const remove = (id: string, syncVersion: number) => ({
  id,
  syncVersion,
  clientTimestamp: AT,
  operation: 'DELETE',
});

export async function push(caller: Caller, input: Record<string, unknown>): Promise<Loose> {
  const { bulkSync } = await caller.data(
    `mutation S($input: BulkSyncInput!) { bulkSync(input: $input) {
      successful { entityId syncVersion outcome conflictId } conflicts { id } failed { error code } } }`,
    { input },
  );
  if (bulkSync.failed.length > 0) throw new Error(JSON.stringify(bulkSync.failed));
  return bulkSync;
}

export const share = (owner: Caller, tripId: string, email: string, permission = 'READ') =>
  owner.data(
    `mutation { shareTrip(tripId: "${tripId}", email: "${email}", permission: ${permission}) { id role } }`,
  );

export const revoke = (server: GraphQLServer, owner: Caller, tripId: string, userId: string) =>
  server.engine.setMember({ actor: { userId: owner.userId }, scope: `trip:${tripId}`, userId, role: null });

const PAGE = `
  trips { id name syncVersion } memories { id title syncVersion } tags { id name } tagCategories { id }
  bucketListItems { id } mediaItems { id } gpxTracks { id }
  deleted { trips memories tags tagCategories bucketListItems mediaItems gpxTracks }
  hasMore nextCursor droppedScopes fullResyncRequired`;

export const CHANGES = `subscription Changes($cursor: String, $entityTypes: [String!], $scope: ID, $batchSize: Int) {
  changes(cursor: $cursor, entityTypes: $entityTypes, scope: $scope, batchSize: $batchSize) { ${PAGE} }
}`;
export const CHANGES_WITH_ROLES = CHANGES.replace(
  'fullResyncRequired',
  'fullResyncRequired roles { scope role }',
);
export const CONFLICTS =
  'subscription { conflicts { id entityId status winner conflictedFields localData remoteData } }';

/** What enhancedSync gives from a cursor: the whole rest. */
export async function pull(caller: Caller, cursor: string | null, entityTypes?: string[]): Promise<Loose> {
  const { enhancedSync } = await caller.data(
    `query P($cursor: String, $entityTypes: [String!]) {
      enhancedSync(lastSyncedAt: "0001-01-01T00:00:00.000Z", cursor: $cursor, entityTypes: $entityTypes, batchSize: 5000) { ${PAGE} } }`,
    { cursor, entityTypes },
  );
  return enhancedSync;
}

/** A subscription, with everything that came of it. */
export interface Followed {
  readonly events: Loose[];
  /** The next event that is like this, of those that nobody has asked for yet. */
  next(isWanted?: (event: Loose) => boolean): Promise<Loose>;
  /** Resolves when the server has completed it. */
  readonly completed: Promise<void>;
  /** The errors that it was ended with, or how its socket was closed. */
  readonly failed: Promise<Loose>;
  stop(): Promise<void>;
}

const clients = new Set<Client>();

export function connect(
  server: GraphQLServer,
  params: Record<string, unknown>,
  options: { readonly path?: string } = {},
): Client {
  const client = createClient({
    url: `${server.socketUrl}${options.path ?? '/graphql'}`,
    webSocketImpl: WebSocket,
    connectionParams: params,
    retryAttempts: 0,
    lazy: true,
  });
  clients.add(client);
  return client;
}

export async function disconnectAll(): Promise<void> {
  await Promise.all([...clients].map(async (client) => client.dispose()));
  clients.clear();
}

export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

export function follow(client: Client, query: string, variables: Record<string, unknown> = {}): Followed {
  const events: Loose[] = [];
  let taken = 0;
  let wake: (() => void)[] = [];
  const heard = (): void => {
    const waiting = wake;
    wake = [];
    for (const one of waiting) one();
  };
  let complete: () => void = () => {};
  let fail: (cause: unknown) => void = () => {};
  const completed = new Promise<void>((resolve) => {
    complete = resolve;
  });
  const failed = new Promise<Loose>((resolve) => {
    fail = resolve;
  });
  const unsubscribe = client.subscribe(
    { query, variables },
    {
      next: ({ data }) => {
        events.push(Object.values(data as object)[0]);
        heard();
      },
      error: (cause) => fail(cause),
      complete: () => complete(),
    },
  );
  return {
    events,
    completed,
    failed,
    async next(isWanted = () => true) {
      for (;;) {
        while (taken < events.length) {
          const event = events[taken++];
          if (isWanted(event)) return event;
        }
        const ended = failed.then((cause) => {
          throw new Error(`It was ended: ${JSON.stringify(cause)}`);
        });
        await Promise.race([new Promise<void>((resolve) => wake.push(resolve)), ended]);
      }
    },
    async stop() {
      unsubscribe();
      await completed;
    },
  };
}

/** A subscription of a client of its own. */
export const followAs = (
  server: GraphQLServer,
  caller: Pick<Caller, 'token'>,
  query: string,
  variables: Record<string, unknown> = {},
): Followed => follow(connect(server, bearer(caller.token)), query, variables);

export const titlesOf = (event: Loose): string[] => event.memories.map(({ title }: Loose) => title);
export const hasTitle = (title: string) => (event: Loose) => titlesOf(event).includes(title);

/** A socket without a client: says what it is told to, and keeps what it hears. */
export interface Bare {
  readonly socket: WebSocket;
  readonly heard: Loose[];
  say(message: unknown): void;
  /** The next message of this type. */
  next(type: string): Promise<Loose>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

const sockets = new Set<WebSocket>();

export function endAll(): void {
  for (const socket of sockets) socket.terminate();
  sockets.clear();
}

export interface BareOptions {
  readonly protocol?: string | readonly string[];
  readonly headers?: Record<string, string>;
  readonly autoPong?: boolean;
}

export async function bare(server: GraphQLServer, options: BareOptions = {}): Promise<Bare> {
  const { protocol = 'graphql-transport-ws', ...more } = options;
  const socket = new WebSocket(`${server.socketUrl}/graphql`, protocol as string[], more);
  sockets.add(socket);
  const heard: Loose[] = [];
  let wake: (() => void)[] = [];
  socket.on('message', (data) => {
    heard.push(JSON.parse(String(data)));
    for (const one of wake.splice(0)) one();
  });
  const closed = once(socket, 'close').then(([code, reason]) => ({
    code: code as number,
    reason: String(reason),
  }));
  socket.on('error', () => {});
  await once(socket, 'open');
  const taken = new Map<string, number>();
  return {
    socket,
    heard,
    closed,
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async next(type) {
      for (;;) {
        const of = heard.filter((message) => message.type === type);
        const at = taken.get(type) ?? 0;
        if (at < of.length) {
          taken.set(type, at + 1);
          return of[at];
        }
        await new Promise<void>((resolve) => {
          wake = [...wake, resolve];
        });
      }
    },
  };
}

/** One that was let in. */
export async function signedIn(
  server: GraphQLServer,
  token: string,
  options: BareOptions = {},
): Promise<Bare> {
  const socket = await bare(server, options);
  socket.say({ type: 'connection_init', payload: bearer(token) });
  await socket.next('connection_ack');
  return socket;
}
