/** One piece of news from two that follow each other: of a record that moved twice, its newest state. */
import type { News } from './news.ts';

export function joinNews(first: News, second: News): News {
  const moved = new Map(first.moved.map((one) => [`${one.record.type} ${one.record.id}`, one]));
  for (const one of second.moved) {
    const key = `${one.record.type} ${one.record.id}`;
    const before = moved.get(key);
    // Anew at the end: the order is that of the seqs.
    moved.delete(key);
    moved.set(key, before ? { record: one.record, lines: [...before.lines, ...one.lines] } : one);
  }
  return {
    ...second,
    from: first.from,
    moved: [...moved.values()],
    accessMoved: first.accessMoved || second.accessMoved,
  };
}
