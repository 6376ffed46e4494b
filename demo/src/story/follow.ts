/** A friend follows from home: she gets one trip, whole, and may read it, no more. */
import { randomUUID } from 'node:crypto';
import { createConnection } from '../phone/connection.ts';
import { SHARE_TRIP } from '../phone/documents.ts';
import { createPhone, type Phone, update } from '../phone/phone.ts';
import { ServerFault } from '../phone/server-fault.ts';
import { signIn } from '../phone/sign-in.ts';
import { checkEqual, fetchNews, send } from './exchange.ts';
import type { Plan } from './plan.ts';
import type { Story } from './story.ts';

export async function follow(story: Story, plan: Plan): Promise<Phone> {
  const { timeline, clock, anna, url, signal, claraAccount } = story;
  const tripId = plan.tripIds[0] ?? '';
  timeline.event(
    '19:00',
    'Anna',
    `shares "${anna.replica.get('Trip', tripId)?.fields.name}" with Clara, to read`,
  );
  const shared = await anna.connection.ask(SHARE_TRIP, {
    tripId,
    email: claraAccount.email,
    permission: 'READ',
  });
  if (!shared.ok) throw new ServerFault('shareTrip', shared);

  const { userId, token } = await signIn(url, claraAccount, signal);
  const device = randomUUID();
  const clara = createPhone({
    owner: 'Clara',
    userId,
    device,
    connection: createConnection({ url, device, token, signal }),
  });
  await fetchNews(story, clara, clock.at(9, '19:10'));
  update(clara, 'Trip', tripId, { name: "Clara's trip" }, clock.at(9, '19:12'));
  const { outcomes } = await send(story, clara, clock.at(9, '19:12'));
  for (const outcome of outcomes) {
    if (outcome.kind === 'refused')
      timeline.row(`refused   Trip "${story.ledger.nameOf('Trip', tripId)}": ${outcome.failure.code}`);
  }
  await checkEqual(story, [clara]);
  return clara;
}
