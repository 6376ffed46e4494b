/**
 * Day 2: the train goes through the Gotthard, and no phone has a network. Both edit; beyond the tunnel both come back,
 * Ben first. Each kind of meeting is there once.
 */

import { create, type Phone, remove, update, view } from '../phone/phone.ts';
import type { ReplicaRecord } from '../phone/replica.ts';
import type { Outcome } from '../phone/settle.ts';
import { checkEqual, fetchNews, send } from './exchange.ts';
import { explain, type Side } from './explain.ts';
import type { Plan } from './plan.ts';
import { takePicture } from './remember.ts';
import type { Story } from './story.ts';

/** What both phones know when the train leaves. */
interface Cast {
  readonly fields: ReplicaRecord;
  readonly title: ReplicaRecord;
  readonly text: ReplicaRecord;
  readonly tags: ReplicaRecord;
  readonly deleted: ReplicaRecord;
  readonly moved: ReplicaRecord;
  readonly taggedByAnna: ReplicaRecord;
  readonly taggedByBen: ReplicaRecord;
}

export async function tunnel(story: Story, plan: Plan): Promise<void> {
  const { timeline, clock, anna, ben, ledger } = story;
  timeline.chapter('Day 2 - The tunnel');
  ledger.turnPage();
  const cast = castOf(story, plan);
  const picture = editBoth(story, plan, cast);
  timeline.event('16:30', null, 'The train enters the Gotthard. No network; both go on writing.');
  timeline.event('16:30', 'Anna', `makes ${anna.outbox.size} changes`);
  timeline.event('16:31', 'Ben', `makes ${ben.outbox.size} changes`);

  timeline.event('16:55', null, 'Airolo. Ben has a network first.');
  const ofBen = await send(story, ben, clock.at(2, '16:55'));
  const ofAnna = await send(story, anna, clock.at(2, '16:57'));
  await fetchNews(story, anna, clock.at(2, '16:57'));
  await fetchNews(story, ben, clock.at(2, '16:58'));
  tell(story, [...ofBen.outcomes, ...ofAnna.outcomes], cast, picture);
  await checkEqual(story, [anna, ben]);
  ledger.turnPage();
}

function castOf({ anna, ben }: Story, plan: Plan): Cast {
  const known = anna.replica
    .all('Memory')
    .filter(({ id, fields }) => fields.tripId === plan.tripIds[0] && ben.replica.get('Memory', id))
    .sort((a, b) => String(b.fields.timestamp).localeCompare(String(a.fields.timestamp)))
    // Two of one name could not be told apart.
    .filter((one, at, all) => all.findIndex(({ fields }) => fields.title === one.fields.title) === at);
  const [fields, title, text, tags, deleted, moved, taggedByAnna, taggedByBen] = known;
  if (!fields || !title || !text || !tags || !deleted || !moved || !taggedByAnna || !taggedByBen)
    throw new Error('The first two days have left too few memories');
  return { fields, title, text, tags, deleted, moved, taggedByAnna, taggedByBen };
}

/** Gives back when Ben takes the picture that saves a memory. */
function editBoth(story: Story, plan: Plan, cast: Cast): number {
  const { anna, ben, cities, clock } = story;
  const at = (time: string) => clock.at(2, time);
  const { name: locationName, latitude, longitude } = cities.named('Airolo', 'CH');
  const tag = (name: string): string => plan.tagIds.get(name) ?? '';
  const [first = '', second = ''] = plan.tripIds;

  update(anna, 'Memory', cast.fields.id, { title: 'Before the dark' }, at('16:32'));
  update(ben, 'Memory', cast.fields.id, { locationName, latitude, longitude }, at('16:33'));

  update(anna, 'Memory', cast.title.id, { title: 'Last light in the north' }, at('16:35'));
  update(ben, 'Memory', cast.title.id, { title: 'The north behind us' }, at('16:41'));

  const text = String(cast.text.fields.text);
  update(anna, 'Memory', cast.text.id, { text: `Day two, and still dry.\n${text}` }, at('16:36'));
  update(ben, 'Memory', cast.text.id, { text: `${text}\nThe conductor liked the bicycles.` }, at('16:37'));

  const tagIds = cast.tags.fields.tagIds as readonly string[];
  update(anna, 'Memory', cast.tags.id, { tagIds: [...tagIds.slice(1), tag('train')] }, at('16:38'));
  update(ben, 'Memory', cast.tags.id, { tagIds: [...tagIds, tag('tired')] }, at('16:38'));

  tagTunnel(story, 'anna', cast.taggedByAnna.id, at('16:39'));
  tagTunnel(story, 'ben', cast.taggedByBen.id, at('16:40'));

  remove(anna, 'Memory', cast.deleted.id, at('16:42'));
  const picture = at('16:44');
  takePicture(story, ben, cast.deleted.id, 9, picture);

  update(ben, 'Memory', cast.moved.id, { tripId: second }, at('16:45'));
  update(anna, 'Memory', cast.moved.id, { title: 'Still on the first trip?' }, at('16:46'));

  update(ben, 'Trip', first, { name: 'Up to the snow' }, at('16:47'));
  update(anna, 'Trip', first, { name: 'Up to the pass' }, at('16:49'));

  remove(anna, 'Tag', tag('fog'), at('16:50'));
  return picture;
}

/** Each makes the tag that is missing, and neither can know of the other. */
function tagTunnel(story: Story, who: 'anna' | 'ben', memoryId: string, time: number): void {
  const phone = story[who];
  const tagId = create(phone, 'Tag', { name: 'tunnel', color: 'indigo' }, time);
  const tagIds = (view(phone, 'Memory', memoryId)?.tagIds ?? []) as readonly string[];
  update(phone, 'Memory', memoryId, { tagIds: [...tagIds, tagId] }, time);
}

function tell(story: Story, outcomes: readonly Outcome[], cast: Cast, picture: number): void {
  const { anna } = story;
  for (const outcome of outcomes) {
    const { entity, id, operation } = outcome.change;
    if (entity === 'Memory' && id === cast.deleted.id && operation === 'DELETE') {
      const stands = anna.replica.get('Memory', id) !== null;
      const side: Side = { who: 'Ben', time: picture, text: 'adds a picture to it', stands };
      explain(story, outcome, [side]);
    } else if (entity === 'Tag') tellTag(story, outcome);
    else if (outcome.kind !== 'applied') explain(story, outcome);
  }
}

function tellTag(story: Story, { change, ...outcome }: Outcome): void {
  const { timeline, anna, ben, ledger } = story;
  const name = ledger.nameOf('Tag', change.id);
  if (change.operation === 'DELETE') {
    const uses = tagged(anna, change.id);
    timeline.row(`deleted   Tag "${name}": ${uses} memories keep a link that leads nowhere`);
  }
  const canonicalId = 'receipt' in outcome ? outcome.receipt.canonicalId : null;
  if (canonicalId === null) return;
  const [forAnna, forBen] = [tagged(anna, canonicalId), tagged(ben, canonicalId)];
  timeline.row(`one tag   Tag "${name}", made on both phones: the second is an alias of the first`);
  timeline.row(`  on Anna's phone ${forAnna} memories have it, on Ben's ${forBen}`);
}

/** How many memories have the tag, as the phone shows them. */
const tagged = (phone: Phone, tagId: string): number =>
  phone.replica
    .all('Memory')
    .filter(({ id }) => ((view(phone, 'Memory', id)?.tagIds ?? []) as readonly string[]).includes(tagId))
    .length;
