/**
 * Days 3 to 6: four days without a network. Ben's clock goes wrong, one memory of his is out of this world, and when
 * he sends it all in the evening, an answer is lost on the way.
 */
import { create, update } from '../phone/phone.ts';
import type { Outcome } from '../phone/settle.ts';
import { count } from '../print/timeline.ts';
import { checkEqual, fetchNews, send } from './exchange.ts';
import { explain } from './explain.ts';
import type { Plan } from './plan.ts';
import { rideDay } from './ride-days.ts';
import type { Story } from './story.ts';

const HOUR_MS = 3_600_000;
/** The answer to the next batch after so many changes gets lost. */
const LOSE_ANSWER_AFTER = 200;

/** The memory whose title Ben's wrong clock decided. */
export async function withoutNetwork(story: Story, plan: Plan): Promise<string> {
  const { timeline, clock, anna, ben, ledger } = story;
  timeline.chapter('Days 3 to 6 - Without a network');
  ledger.turnPage();
  for (const day of [3, 4]) await rideDay(story, plan, day);
  const disputed = editWithWrongClock(story);
  for (const day of [5, 6]) await rideDay(story, plan, day);
  const glitch = addGlitch(story, plan);

  timeline.event('20:30', null, 'Tortona. The hotel has a network.');
  await sendWithLostAnswer(story);
  const again = await send(story, ben, clock.at(6, '20:36'), ' once more, under their old ids');
  correct(story, again.outcomes, glitch);
  const ofAnna = await send(story, anna, clock.at(6, '20:40'));
  await send(story, ben, clock.at(6, '20:41'));
  await fetchNews(story, anna, clock.at(6, '20:42'));
  await fetchNews(story, ben, clock.at(6, '20:43'));
  for (const outcome of ofAnna.outcomes) if (outcome.kind !== 'applied') explain(story, outcome);
  timeline.detail("Ben's clock was an hour fast: in truth he wrote at 11:40, and Anna after him.", 'odd');
  await checkEqual(story, [anna, ben]);
  ben.clockAheadMs = 0;
  return disputed;
}

function editWithWrongClock(story: Story): string {
  const { timeline, clock, anna, ben } = story;
  const [memory] = anna.replica
    .all('Memory')
    .filter(({ id }) => ben.replica.get('Memory', id) && story.ledger.editsOf('Memory', id).length === 0);
  if (!memory) throw new Error('There is no memory to quarrel about');
  timeline.event('09:00', 'Ben', "day 5: sets his phone's clock by the station's, which is an hour fast");
  ben.clockAheadMs = HOUR_MS;
  update(ben, 'Memory', memory.id, { title: 'Where it began' }, clock.at(5, '11:40'));
  update(anna, 'Memory', memory.id, { title: 'Where we began' }, clock.at(5, '12:05'));
  return memory.id;
}

/** GPS between high walls: a latitude that no place has. */
function addGlitch({ ben, clock }: Story, plan: Plan): string {
  const tripId = plan.tripIds[2] ?? '';
  const fields = { tripId, title: 'Between high walls', latitude: 145.36, longitude: 9.68 };
  return create(ben, 'Memory', fields, clock.at(6, '20:10'));
}

async function sendWithLostAnswer(story: Story): Promise<void> {
  const { ben, clock, timeline } = story;
  const report = await send(story, ben, clock.at(6, '20:31'), '', (done) => {
    if (done >= LOSE_ANSWER_AFTER) ben.connection.loseNextAnswer();
  });
  if (report.ended !== 'lost') return;
  const inDoubt = ben.outbox.all().filter(({ sent }) => sent).length;
  timeline.detail(
    `The connection breaks. The server has got ${count(inDoubt)} more, but its answer never arrived.`,
    'odd',
  );
}

/** What was refused is not lost: its author corrects it. */
function correct({ timeline, ben, clock }: Story, outcomes: readonly Outcome[], glitch: string): void {
  for (const { change, ...outcome } of outcomes) {
    if (outcome.kind !== 'refused' || change.id !== glitch) continue;
    const { code, field } = outcome.failure;
    timeline.row(`refused   "${change.fields.title}": ${code}, ${field} ${change.fields[field ?? '']}`);
    timeline.event('20:38', 'Ben', 'corrects it; all others of its batch were applied');
    create(ben, 'Memory', { ...change.fields, latitude: 45.36 }, clock.at(6, '20:38'));
  }
}
