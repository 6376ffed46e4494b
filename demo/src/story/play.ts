/** The story from beginning to end: one scene after the other. */
import { randomUUID } from 'node:crypto';
import { TAG_WORDS } from '../journey/words.ts';
import { createConnection } from '../phone/connection.ts';
import { createPhone, type Phone } from '../phone/phone.ts';
import { type Account, register, type SignedIn, signIn } from '../phone/sign-in.ts';
import { atHome } from './at-home.ts';
import { bringGpx, type GpxFolder } from './bring-gpx.ts';
import { checkEqual, fetchNews, send } from './exchange.ts';
import { finale } from './finale.ts';
import { follow } from './follow.ts';
import { type Plan, plan } from './plan.ts';
import { rideDay } from './ride-days.ts';
import type { Story } from './story.ts';
import { tunnel } from './tunnel.ts';
import { withoutNetwork } from './without-network.ts';

export type StoryParts = Omit<Story, 'anna' | 'ben' | 'claraAccount'>;

/** Throws NotEqual when replicas and server differ at the end. */
export async function play(parts: StoryParts, gpx: GpxFolder | null): Promise<void> {
  const story = await openStory(parts);
  const planned = await setOut(story);
  await tunnel(story, planned);
  const disputed = await withoutNetwork(story, planned);
  await toTheSea(story, planned);
  if (gpx) await bringGpx(story, gpx);
  await atHome(story, disputed);
  const clara = await follow(story, planned);
  await finale(story, clara);
}

/** One account on two phones, and one for the friend. */
async function openStory(parts: StoryParts): Promise<Story> {
  const { url, signal, ledger } = parts;
  const journal = newAccount('anna-and-ben');
  const claraAccount = newAccount('clara');
  await Promise.all([journal, claraAccount].map((account) => register(url, account, signal)));
  const [forAnna, forBen] = await Promise.all([signIn(url, journal, signal), signIn(url, journal, signal)]);
  const phoneOf = (owner: string, { userId, token }: SignedIn): Phone => {
    const device = randomUUID();
    return createPhone({
      owner,
      userId,
      device,
      connection: createConnection({ url, device, token, signal }),
      onEdit: (change) => ledger.note(owner, change),
    });
  };
  return { ...parts, claraAccount, anna: phoneOf('Anna', forAnna), ben: phoneOf('Ben', forBen) };
}

/** New ones every time, so that a server which keeps them can play the story again. */
const newAccount = (name: string): Account => ({
  email: `${name}-${randomUUID()}@example.org`,
  password: randomUUID(),
});

async function setOut(story: Story): Promise<Plan> {
  const { timeline, clock, anna, ben } = story;
  timeline.chapter('Days 1 and 2 - From Zürich to the Alps');
  const planned = plan(story);
  timeline.event(
    '07:00',
    'Anna',
    `plans: ${planned.tripIds.length} trips, ${planned.tagIds.size} tags in ${TAG_WORDS.length} categories, ${planned.wishIds.length} wishes`,
  );
  await send(story, anna, clock.at(1, '07:05'));
  await fetchNews(story, anna, clock.at(1, '07:05'));
  await fetchNews(story, ben, clock.at(1, '07:10'));
  await checkEqual(story, [anna, ben]);
  await rideDay(story, planned, 1);
  await rideDay(story, planned, 2);
  await meet(story, 2, '16:00');
  return planned;
}

async function toTheSea(story: Story, planned: Plan): Promise<void> {
  const { timeline } = story;
  timeline.chapter('Days 7 and 8 - Down to the sea');
  await rideDay(story, planned, 7);
  await rideDay(story, planned, 8);
  await meet(story, 8, '21:00');
}

/** Both have a network: both send, then both fetch. */
async function meet(story: Story, day: number, time: string): Promise<void> {
  const { clock, anna, ben } = story;
  const at = clock.at(day, time);
  for (const phone of [anna, ben]) await send(story, phone, at);
  for (const phone of [anna, ben]) await fetchNews(story, phone, at);
  await checkEqual(story, [anna, ben]);
}
