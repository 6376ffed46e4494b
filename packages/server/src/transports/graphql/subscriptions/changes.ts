/** The subscription `changes`: the caller's feed as it goes on, each event as a page of enhancedSync. */
import { formatInstant, isWellFormedText, LIMITS } from '@ackord/core';
import { type FeedRequest, followFeed } from '../../../engine/follow-feed.ts';
import { type GraphQLContext, requireActor } from '../context.ts';
import { CallRefused } from '../errors.ts';
import { answerOf, batchSizeOf, typesOf } from '../resolvers/enhanced-sync.ts';
import type { ChangesArgs } from './asked.ts';
import type { NewsTexts } from './news-texts.ts';
import type { Plan } from './plan.ts';
import { filled, render } from './render.ts';
import type { Turns } from './turns.ts';

/** Who is told, and what all who are told share. */
export interface Telling {
  /** A fresh one for each event: what it has read is of its moment. */
  readonly context: () => GraphQLContext;
  /** Equal for those who read the same of everything. */
  readonly viewer: string;
  readonly texts: NewsTexts;
  readonly turns: Turns;
  /** Sends the data of an event, and resolves when the client has read enough for more. */
  readonly tell: (data: string) => Promise<void>;
  readonly report: (cause: unknown) => void;
  /** Set once the client wants no more. */
  readonly signal: AbortSignal;
}

/** Resolves when there is nothing more to tell, rejects with what the client is to be told instead. */
export async function tellChanges(telling: Telling, plan: Plan, args: ChangesArgs): Promise<void> {
  const { context, viewer, texts, turns, tell, report, signal } = telling;
  const first = context();
  const request = requestOf(first, args);
  let moment = formatInstant(0);
  for await (const event of followFeed(first.engine, request, signal)) {
    await turns.next();
    if (signal.aborted) return;
    switch (event.kind) {
      case 'refused':
        throw new CallRefused(event.code, event.message);
      case 'page': {
        const mine = context();
        moment = formatInstant(event.page.serverTime);
        if (plan.shape.showsState) await mine.reads.loadFailures();
        const answer = await answerOf(mine, event.page, request.limit);
        await tell(filled(await render(plan, answer, mine, report), { cursor: '', moment }));
        break;
      }
      case 'news': {
        // Before anything else is awaited: then it is the cursor of this event.
        const cursor = event.cursor.text();
        const rendered = await texts.textOf(event, plan, request.limit, { name: viewer, context });
        await tell(filled(rendered, { cursor: await cursor, moment }));
        break;
      }
    }
  }
}

function requestOf(context: GraphQLContext, args: ChangesArgs): FeedRequest {
  const { wire } = context;
  const scope = args.scope ?? null;
  return {
    actor: requireActor(context),
    domain: wire.name,
    cursor: args.cursor ?? null,
    types: typesOf(wire, args.entityTypes),
    // What can be no name of a scope is one that the caller does not have.
    scope: scope !== null && (scope.length > LIMITS.textLengthMax || !isWellFormedText(scope)) ? '' : scope,
    limit: batchSizeOf(args.batchSize, context.pageRowsDefault),
  };
}
