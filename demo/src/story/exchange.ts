/** A phone has a network again: it sends what it has, then fetches what others did. Told in a line or two. */
import { askDigests, differences } from '../phone/compare-digests.ts';
import type { Phone } from '../phone/phone.ts';
import { pull } from '../phone/pull.ts';
import { type PushReport, push } from '../phone/push.ts';
import type { Outcome } from '../phone/settle.ts';
import { count } from '../print/timeline.ts';
import { NotEqual, type Story } from './story.ts';

/** `onBatch` is told how many changes have been answered so far. */
export async function send(
  story: Story,
  phone: Phone,
  time: number,
  remark = '',
  onBatch: (done: number) => void = () => {},
): Promise<PushReport> {
  const { timeline, clock, tally, signal } = story;
  const total = phone.outbox.size;
  const start = performance.now();
  const progress = (done: number) => {
    timeline.progress('sent', done, total);
    onBatch(done);
  };
  const report = await push(phone, progress, signal);
  tally.sendingMs += performance.now() - start;
  tally.changesSent += report.outcomes.length;
  for (const outcome of report.outcomes) tallyOutcome(story, outcome);
  const text = `sends ${count(total)} ${total === 1 ? 'change' : 'changes'}${remark}: ${summary(report.outcomes)}${report.ended === 'lost' ? ', then silence' : ''}`;
  timeline.event(clock.clockTime(time), phone.owner, text);
  return report;
}

export async function fetchNews(story: Story, phone: Phone, time: number): Promise<void> {
  const { timeline, clock, tally } = story;
  const start = performance.now();
  const { received, deleted, pages } = await pull(phone, (done, total) =>
    timeline.progress('received', done, total),
  );
  tally.receivingMs += performance.now() - start;
  tally.recordsReceived += received;
  const parts = [
    `${count(received)} ${received === 1 ? 'record' : 'records'}`,
    ...(deleted > 0 ? [`${count(deleted)} ${deleted === 1 ? 'deletion' : 'deletions'}`] : []),
  ];
  const text = `receives ${parts.join(' and ')}${pages > 1 ? ` on ${pages} pages` : ''}`;
  timeline.event(clock.clockTime(time), phone.owner, text);
}

/** Throws NotEqual when a phone has something else than the server. */
export async function checkEqual(story: Story, phones: readonly Phone[]): Promise<void> {
  for (const phone of phones) {
    const [difference] = differences(phone.replica.digests(), await askDigests(phone));
    if (difference) {
      const { scope, entityType, phone: mine, server } = difference;
      throw new NotEqual(
        `${phone.owner}'s phone and the server differ in ${entityType} of ${scope}: ${mine} against ${server}.`,
      );
    }
  }
  const [first] = phones;
  const owners = phones.map(({ owner }) => owner).join(', ');
  story.timeline.detail(
    `= ${owners} and the server: equal digests over ${count(first?.replica.size ?? 0)} records`,
    'good',
  );
}

function tallyOutcome({ tally }: Story, outcome: Outcome): void {
  switch (outcome.kind) {
    case 'applied':
    case 'merged':
      tally[outcome.kind]++;
      break;
    case 'conflict':
      tally.conflicts++;
      break;
    case 'pending':
    case 'refused':
      tally[outcome.kind]++;
      return;
  }
  if (outcome.receipt.replayed) tally.replayed++;
}

function summary(outcomes: readonly Outcome[]): string {
  const kinds = new Map<string, number>();
  for (const outcome of outcomes) {
    const isReplay = 'receipt' in outcome && outcome.receipt.replayed;
    const kind = isReplay ? 'answered as before' : WORDS[outcome.kind];
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const parts = [...kinds].map(([kind, number]) =>
    number === 1 ? `1 ${kind.replace('as conflicts', 'as a conflict')}` : `${count(number)} ${kind}`,
  );
  return parts.length === 0 ? 'no answer' : parts.join(', ');
}

const WORDS: Record<Outcome['kind'], string> = {
  applied: 'applied',
  merged: 'merged',
  conflict: 'decided as conflicts',
  pending: 'waiting for a person',
  refused: 'refused',
};
