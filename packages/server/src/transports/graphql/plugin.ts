/**
 * The GraphQL endpoint of one domain: POST with `{query, operationName, variables}`, answered as JSON; subscriptions over
 * WebSocket. In development the same address shows a page to try things out (GET, from a browser) and the schema may be asked for.
 */
import { LIMITS } from '@ackord/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Accounts, UserStore } from '../../auth/ports.ts';
import type { Config } from '../../config.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Files } from '../../files/ports.ts';
import { sendRefusal } from '../../http/error-reply.ts';
import { addBytesBody, readJson } from '../../http/json-body.ts';
import { FairGate } from '../../limits/fair-gate.ts';
import type { OriginRules } from '../websocket/origins.ts';
import type { SocketHost } from '../websocket/socket-host.ts';
import { buildDomainSchema } from './build-schema.ts';
import { createContext, type GraphQLServices } from './context.ts';
import type { GraphQLDomain } from './domain.ts';
import { badRequest, createExecutor, type GraphQLAnswer, type GraphQLRequest } from './http/execute.ts';
import { addGraphiql, type SendPage } from './http/graphiql.ts';
import { DEVICE_RULE, readDevice } from './read-device.ts';
import { compileViews } from './record-view.ts';
import { subscriptionEndpoint } from './subscriptions/endpoint.ts';
import { createPlanner } from './subscriptions/plan.ts';
import type { SubscriberLimits } from './subscriptions/subscriber.ts';
import { isObject } from './wire-json.ts';
import { compileWireDomain } from './wire-type.ts';

export interface GraphQLOptions {
  readonly engine: Engine;
  readonly domain: GraphQLDomain;
  /** `/graphql`, or `/graphql/<domain>`. */
  readonly path: string;
  readonly accounts: Accounts;
  readonly users: Pick<UserStore, 'usersById' | 'credentialsByEmail'>;
  readonly files: Files;
  readonly config: {
    readonly http: Pick<Config['http'], 'publicUrl'>;
    /** `graphiql` also allows to ask for the schema. */
    readonly graphql: Config['graphql'];
    readonly sync: Pick<Config['sync'], 'pageRowsDefault' | 'changesPerSubmissionMax'>;
  };
  /** Where subscriptions come in; left out: none are served. */
  readonly sockets?: { readonly host: SocketHost; readonly origins: OriginRules };
  readonly subscriberLimits?: Partial<SubscriberLimits>;
  /** Compile documents that come again; false only to compare. */
  readonly compile?: boolean;
}

/** Adds the endpoints to the HTTP shell, which has already found out who calls. */
export async function graphqlPlugin(app: FastifyInstance, options: GraphQLOptions): Promise<void> {
  const { engine, path, config, accounts, users, files, compile = true } = options;
  const wire = compileWireDomain(engine.registry, options.domain);
  const services: GraphQLServices = {
    engine,
    wire,
    toView: compileViews(wire),
    accounts,
    users,
    files,
    ...config.sync,
  };
  const schemas = { queries: buildDomainSchema(wire, 'typed'), mutations: buildDomainSchema(wire, 'opaque') };
  const rules = { ...config.graphql, introspection: config.graphql.graphiql };
  const execute = createExecutor(schemas, { ...rules, compile });
  const { sockets, subscriberLimits = {} } = options;
  sockets?.host.add(
    subscriptionEndpoint({
      path,
      origins: sockets.origins,
      services,
      schema: schemas.queries,
      planner: createPlanner(schemas, rules),
      publicUrl: config.http.publicUrl,
      logger: app.log,
      limits: subscriberLimits,
    }),
  );

  const answer = async (request: FastifyRequest<{ Body: Buffer | undefined }>): Promise<GraphQLAnswer> => {
    const asked = readRequest(request.body && readJson(request, request.body));
    if (typeof asked === 'string') return badRequest('MALFORMED', asked);
    const device = readDevice(request.headers['x-device-id']);
    if (device === undefined) return badRequest('BAD_USER_INPUT', DEVICE_RULE);
    const context = createContext(services, {
      caller: request.authentication,
      address: request.ip,
      device,
      origin: config.http.publicUrl ?? `${request.protocol}://${request.host}`,
    });
    return execute(asked, context, (cause) =>
      request.log.error({ err: cause, domain: wire.name }, 'a resolver failed'),
    );
  };

  const gate = new FairGate(LIMITS.graphqlCallsAtOnceMax);
  addBytesBody(app);
  app.post<{ Body: Buffer | undefined }>(path, async (request, reply) => {
    const { status, body } = await gate.pass(callerKey(request), () => answer(request));
    return send(reply, status, body);
  });
  addOtherMethods(app, path, config.graphql.graphiql ? addGraphiql(app, path) : null);
}

const callerKey = ({ authentication, ip }: Pick<FastifyRequest, 'authentication' | 'ip'>): string =>
  authentication.outcome === 'actor' ? authentication.actor.userId : ip;

/** GET is for browsers alone: a query in the address would stand in logs and caches. */
function addOtherMethods(app: FastifyInstance, path: string, page: SendPage | null): void {
  const refuse = (reply: FastifyReply): FastifyReply =>
    sendRefusal(reply.header('allow', page ? 'GET, POST' : 'POST'), {
      status: 405,
      code: 'ROUTE_UNKNOWN',
    });
  const wantsPage = ({ headers }: FastifyRequest): boolean => /\btext\/html\b/.test(headers.accept ?? '');
  app.get(path, async (request, reply) => (page && wantsPage(request) ? page(reply) : refuse(reply)));
  // Before a body is read.
  const onRequest = async (_request: FastifyRequest, reply: FastifyReply) => refuse(reply);
  app.route({ method: ['PUT', 'PATCH', 'DELETE'], url: path, onRequest, handler: onRequest });
}

function readRequest(body: unknown): GraphQLRequest | string {
  if (!isObject(body)) return 'The body must be a JSON object.';
  const { query, operationName, variables } = body;
  if (typeof query !== 'string') return 'The member query must be the text of a GraphQL document.';
  if (variables !== undefined && variables !== null && !isObject(variables))
    return 'The member variables must be an object.';
  const named = operationName === undefined || operationName === null || operationName === '';
  if (!named && typeof operationName !== 'string') return 'The member operationName must be a text.';
  return { query, operationName: named ? null : operationName, variables: variables ?? {} };
}

function send(reply: FastifyReply, status: number, body: GraphQLAnswer['body']): FastifyReply {
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body));
}
