/**
 * What a piece of news is as an answer, for all who are told of it. Who asks with the same document for what every
 * viewer reads alike gets the same text, made once; only the cursor is each one's own.
 *
 * Documents that ask for what differs between viewers (links, the state of the sync, roles, URLs) are executed per viewer
 * and device. That costs no read for the state of the sync: open conflicts are read once per piece of news, and a refusal
 * is news of the moment in which it is answered, not of a version that has just come to be. Links and URLs are read as
 * they are by any query, a few viewers at a time.
 */
import { LIMITS } from '@ackord/core';
import type { ConflictView } from '../../../engine/conflict-view.ts';
import type { FeedEvent } from '../../../engine/follow-feed.ts';
import type { News } from '../../../engine/news.ts';
import { FairGate } from '../../../limits/fair-gate.ts';
import type { GraphQLContext } from '../context.ts';
import { answerOf } from '../resolvers/enhanced-sync.ts';
import type { Plan } from './plan.ts';
import { OPEN, type Rendered, render } from './render.ts';

export type NewsEvent = Extract<FeedEvent, { kind: 'news' }>;

/** `name` is equal for viewers who read the same of everything. */
export interface Viewer {
  readonly name: string;
  context(): GraphQLContext;
}

export interface NewsTexts {
  /** `limit` is echoed. Rejects with ToldErrors. */
  textOf(event: NewsEvent, plan: Plan, limit: number, viewer: Viewer): Promise<Rendered>;
}

interface Kept {
  readonly texts: Map<string, Promise<Rendered>>;
  conflicts: Promise<readonly ConflictView[]> | null;
}

export function createNewsTexts(report: (cause: unknown) => void): NewsTexts {
  // As long as somebody is still to be told of the news.
  const kept = new WeakMap<News, Kept>();
  const gate = new FairGate(LIMITS.viewersAtOnceMax);

  const keptOf = (news: News): Kept => {
    const known = kept.get(news) ?? { texts: new Map(), conflicts: null };
    kept.set(news, known);
    return known;
  };

  const make = async (event: NewsEvent, plan: Plan, limit: number, context: GraphQLContext) => {
    const { news } = event;
    const answer = await answerOf(context, pageOf(event), limit);
    if (plan.shape.showsState) {
      const all = keptOf(news);
      all.conflicts ??= context.engine.openConflictsIn(news.scope, context.wire.name);
      context.reads.remember({ conflicts: await all.conflicts, failures: [] });
    }
    return render(plan, { ...answer, serverTimestamp: OPEN.moment }, context, report);
  };

  return {
    textOf(event, plan, limit, viewer) {
      const isShared = plan.shape.isShared && !event.moved.some(({ record }) => leadsElsewhere(record));
      const key = keyOf(event, plan, limit) + (isShared ? '' : ` of ${viewer.name}`);
      const { texts } = keptOf(event.news);
      const work = () => make(event, plan, limit, viewer.context());
      const text = texts.get(key) ?? (isShared ? work() : gate.pass(viewer.name, work));
      texts.set(key, text);
      return text;
    },
  };
}

/** Whether it is gone for a viewer depends on what else he sees. */
const leadsElsewhere = ({ tombstone }: NewsEvent['moved'][number]['record']): boolean =>
  tombstone?.kind === 'moved';

const keyOf = ({ moved, isLast }: NewsEvent, { shape, variables, asked }: Plan, limit: number): string => {
  const types = asked.field === 'changes' ? asked.args.entityTypes : null;
  const values = shape.variables.map((name) => variables[name]);
  return JSON.stringify([shape.id, values, types, limit, isLast, moved[0]?.record.seq]);
};

const pageOf = ({ moved, roles, isLast }: NewsEvent) => ({
  records: moved.map(({ record }) => record),
  count: moved.length,
  dropped: [],
  droppedScopes: [],
  roles,
  cursor: OPEN.cursor,
  hasMore: false,
  consistent: isLast,
  total: moved.length,
  serverTime: 0,
  fullResync: false,
  conflicts: [],
});
