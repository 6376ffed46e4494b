/** The days on the road: three stages each, and a line about every day. */
import { ROUTE } from '../journey/route.ts';
import { update } from '../phone/phone.ts';
import { count } from '../print/timeline.ts';
import { DAYS_PER_TRIP, type Plan } from './plan.ts';
import { type Ridden, ride } from './ride.ts';
import type { Story } from './story.ts';

const STAGES_PER_DAY = 3;
const BREAK_MS = 40 * 60_000;

/** Rides the stages of a day and tells of them. When a trip ends, Anna closes it on her phone. */
export async function rideDay(story: Story, plan: Plan, day: number): Promise<void> {
  const { clock, timeline, anna } = story;
  const trip = Math.floor((day - 1) / DAYS_PER_TRIP);
  const firstStop = ((day - 1) % DAYS_PER_TRIP) * STAGES_PER_DAY;
  const ridden: Ridden[] = [];
  let start = clock.at(day, '08:00');
  for (let stage = 0; stage < STAGES_PER_DAY; stage++) {
    story.signal.throwIfAborted();
    const done = await ride(story, plan, { trip, stop: firstStop + stage, start });
    ridden.push(done);
    start = done.end + BREAK_MS;
  }
  const last = ridden.at(-1);
  const stops = [ridden[0]?.from ?? '', ...ridden.map(({ to }) => to)].join(' - ');
  const sum = (of: (stage: Ridden) => number) => ridden.reduce((total, stage) => total + of(stage), 0);
  timeline.event(
    clock.clockTime(last?.end ?? start),
    `day ${day}`,
    `${stops}: ${count(sum(({ meters }) => meters) / 1000)} km, ${count(sum(({ memories }) => memories))} memories, ${count(sum(({ pictures }) => pictures))} pictures`,
  );
  const tripId = plan.tripIds[trip];
  if (day % DAYS_PER_TRIP === 0 && tripId !== undefined && last) {
    const endDate = new Date(last.end).toISOString();
    const totalDistance = Math.round(metersOf(story, tripId));
    update(anna, 'Trip', tripId, { endDate, isActive: false, totalDistance }, last.end);
  }
}

/** As far as Anna's phone knows: the tracks that Ben recorded today are on his alone. */
function metersOf({ anna }: Story, tripId: string): number {
  const known = anna.replica.all('GPXTrack').map(({ fields }) => fields);
  const waiting = anna.outbox.all().flatMap(({ entity, fields }) => (entity === 'GPXTrack' ? [fields] : []));
  return [...known, ...waiting]
    .filter((fields) => fields.tripId === tripId)
    .reduce((total, fields) => total + Number(fields.totalDistance ?? 0), 0);
}

export const tripName = (plan: Plan, tripId: string): string =>
  ROUTE[plan.tripIds.indexOf(tripId)]?.name ?? 'another trip';
