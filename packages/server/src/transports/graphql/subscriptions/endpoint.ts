/**
 * Subscriptions over WebSocket, at the address of the GraphQL API, by the protocol `graphql-transport-ws`. The protocol
 * itself is graphql-ws; here it meets our door, our limits and our errors. What is told is written to the socket as
 * text that was made for many, so to graphql-ws a subscription is something that is silent, and ends.
 */
import { type ErrorCode, errorText, LIMITS } from '@ackord/core';
import { type GraphQLSchema, parse } from 'graphql';
import { type Context, makeServer, type Server } from 'graphql-ws';
import type { Logger } from '../../../observe/logger.ts';
import type { OriginRules } from '../../websocket/origins.ts';
import type { SocketEndpoint } from '../../websocket/socket-host.ts';
import { createContext, type GraphQLServices } from '../context.ts';
import { requestError } from '../errors.ts';
import { type Telling, tellChanges } from './changes.ts';
import { tellConflicts } from './conflicts.ts';
import { createNewsTexts } from './news-texts.ts';
import type { Plan, Planner, Planning } from './plan.ts';
import { silentUntil } from './silent.ts';
import { type Extra, handlerOf } from './socket-handler.ts';
import { Subscriber, type SubscriberLimits } from './subscriber.ts';
import { formatted, ToldErrors } from './told-errors.ts';
import { createTurns } from './turns.ts';

export interface SubscriptionParts {
  readonly path: string;
  readonly origins: OriginRules;
  readonly services: GraphQLServices;
  readonly schema: GraphQLSchema;
  readonly planner: Planner;
  /** Where clients reach this server; null: as they say. */
  readonly publicUrl: string | null;
  readonly logger: Pick<Logger, 'error' | 'warn'>;
  readonly limits?: Partial<SubscriberLimits>;
}

type Ctx = Context<Record<string, unknown>, Extra>;

export function subscriptionEndpoint(parts: SubscriptionParts): SocketEndpoint {
  const limits: SubscriberLimits = {
    socketsPerUserMax: LIMITS.socketsPerUserMax,
    perSocketMax: LIMITS.subscriptionsPerSocketMax,
    slowMsMax: LIMITS.slowReaderMsMax,
    lookMs: LIMITS.socketAccessLookMs,
    ...parts.limits,
  };
  const perUser = new Map<string, number>();
  const server = protocolOf(parts, limits);
  return {
    name: `graphql ${parts.services.wire.name}`,
    origins: parts.origins,
    matches: (path) => path === parts.path || path === `${parts.path}/`,
    compresses: true,
    open(socket, knock) {
      const subscriber = new Subscriber({
        socket,
        knock,
        limits,
        enter(userId) {
          const count = perUser.get(userId) ?? 0;
          if (count >= limits.socketsPerUserMax) return false;
          perUser.set(userId, count + 1);
          return true;
        },
        leave(userId) {
          const left = (perUser.get(userId) ?? 1) - 1;
          if (left > 0) perUser.set(userId, left);
          else perUser.delete(userId);
        },
      });
      const origin = parts.publicUrl ?? `http://${knock.headers.host ?? ''}`;
      return handlerOf(server, { subscriber, origin }, knock, parts.logger);
    },
  };
}

/** A subscription as it goes through graphql-ws. */
interface Wish {
  readonly ctx: Ctx;
  readonly id: string;
  readonly planning: Planning;
}

function protocolOf(parts: SubscriptionParts, limits: SubscriberLimits): Server<Extra> {
  const { planner, services, logger } = parts;
  const report = (cause: unknown): void =>
    logger.error({ err: cause, domain: services.wire.name }, 'a subscription failed');
  const shared = { texts: createNewsTexts(report), turns: createTurns(), report };

  return makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: LIMITS.socketCredentialsMsMax,
    onConnect: ({ connectionParams = {}, extra }) => extra.subscriber.signIn(connectionParams),
    async onSubscribe(ctx: Ctx, id, { query, operationName, variables }) {
      ctx.extra.subscriber.pace.spend(LIMITS.subscribeCost);
      const request = { query, operationName: operationName || null, variables: variables ?? {} };
      const planning = excessOf(ctx, id, limits) ?? (await planner(request));
      const wish: Wish = { ctx, id, planning };
      // Schema and document are for graphql-ws to see a subscription in; all that counts is in the plan.
      return { schema: parts.schema, document: SOME_SUBSCRIPTION, contextValue: wish };
    },
    subscribe({ contextValue }) {
      const { ctx, id, planning } = contextValue as Wish;
      const { subscriber, origin } = ctx.extra;
      const { caller, device, socket } = subscriber;
      const abort = new AbortController();
      if (!planning.ok) return silentUntil(Promise.reject(new ToldErrors(planning.errors)), abort);
      if (!caller) throw new Error('A subscription has no caller');
      subscriber.running.add(abort);
      const head = `{"id":${JSON.stringify(id)},"type":"next","payload":{"data":`;
      const telling: Telling = {
        ...shared,
        signal: abort.signal,
        viewer: JSON.stringify([caller.actor.userId, device, origin]),
        context: () => createContext(services, { caller, address: socket.address, device, origin }),
        async tell(data) {
          if (abort.signal.aborted) return;
          socket.send(`${head}${data}}}`);
          await subscriber.drained(abort.signal);
        },
      };
      const told = tellingOf(telling, planning.plan).finally(() => subscriber.running.delete(abort));
      return silentUntil(told, abort);
    },
    onError: (_ctx, _id, _payload, errors) => errors.flatMap((error) => formatted(error, report)),
  });
}

const SOME_SUBSCRIPTION = parse('subscription { changes { hasMore } }');

function excessOf({ subscriptions }: Ctx, id: string, { perSocketMax }: SubscriberLimits): Planning | null {
  const refuse = (code: ErrorCode, detail: string): Planning => ({
    ok: false,
    errors: [requestError(code, errorText(code, detail))],
  });
  if (id.length > LIMITS.idLengthMax) return refuse('BAD_USER_INPUT', ID_RULE);
  return Object.keys(subscriptions).length > perSocketMax
    ? refuse('TOO_MANY_SUBSCRIPTIONS', `At most ${perSocketMax} are allowed.`)
    : null;
}

const ID_RULE = `The id of a subscription has at most ${LIMITS.idLengthMax} characters.`;

const tellingOf = (telling: Telling, plan: Plan): Promise<void> =>
  plan.asked.field === 'changes'
    ? tellChanges(telling, plan, plan.asked.args)
    : tellConflicts(telling, plan, plan.asked.args);
