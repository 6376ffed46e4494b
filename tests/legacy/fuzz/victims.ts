/**
 * People who share some trips, and each of whose words carries a marker: whose it is, and whether it is shared. From
 * that it can be told of every answer whether it may hold what it holds.
 */
import { randomUUID } from 'node:crypto';
import {
  create,
  type Ground,
  type Loose,
  media,
  memory,
  type Person,
  pushed,
  share,
  track,
  trip,
} from '../../gaps/ground.ts';

export type Name = 'anna' | 'bob' | 'dave' | 'carol';
export type Place = 'shared' | 'own' | 'foreign';
export const NAMES: readonly Name[] = ['anna', 'bob', 'dave', 'carol'];
const FRIENDS: readonly Name[] = ['anna', 'bob', 'dave'];

export const markerOf = (name: Name, place: Place): string => `MK${name}X${place}Z`;
const PLACES: readonly Place[] = ['shared', 'own', 'foreign'];
/** Of these names alone: the letters of a signature may look like any other one. */
const MARKER = new RegExp(`MK(${NAMES.join('|')})X(${PLACES.join('|')})Z`, 'gi');

/** Markers in a text that this caller must not see: private words of others, and all words of people it shares nothing with. */
export function foreignMarkers(caller: Name | null, text: string): string[] {
  return [...text.matchAll(MARKER)].flatMap(([whole, name = '', place = '']) => {
    const mine = name.toLowerCase() === caller;
    const isFriend = FRIENDS.includes(name.toLowerCase() as Name) && FRIENDS.includes(caller as Name);
    return mine || (isFriend && place.toLowerCase() === 'shared') ? [] : [whole];
  });
}

export interface Victim {
  readonly name: Name;
  readonly person: Person;
  /** Ids of what it has, by place. */
  readonly ids: Record<'shared' | 'own', string[]>;
  readonly keys: string[];
}

/** Entity types by id, of all that was made here. */
export const TYPE_OF = new Map<string, string>();
const TYPES_OF_LISTS: Readonly<Record<string, string>> = {
  trips: 'Trip',
  memories: 'Memory',
  mediaItems: 'MediaItem',
  gpxTracks: 'GPXTrack',
  tags: 'Tag',
  tagCategories: 'TagCategory',
  bucketListItems: 'BucketListItem',
};

/** Trips of anna, which bob may change and dave may look at; and what each has for itself. */
export async function makeVictims(ground: Ground): Promise<Record<Name, Victim>> {
  const victims = {} as Record<Name, Victim>;
  for (const name of NAMES) {
    const person = await ground.person();
    await person.data('mutation M($input: UpdateUserInput!) { updateUser(input: $input) { id } }', {
      input: {
        firstName: markerOf(name, 'shared'),
        lastName: markerOf(name, 'shared'),
        username: `${markerOf(name, 'shared')}${randomUUID()}`,
      },
    });
    victims[name] = { name, person, ids: { shared: [], own: [] }, keys: [] };
    await addJournal(victims[name], 'own');
    victims[name].keys.push(await uploadKey(person), await uploadKey(person));
  }
  await renewShared(victims);
  return victims;
}

/** A new trip that is shared: others are deleted or given away on the way. */
export async function renewShared(victims: Record<Name, Victim>): Promise<void> {
  const { anna, bob, dave } = victims;
  const made = await addJournal(anna, 'shared');
  await share(anna.person, made.parent, await addressOf(bob), 'WRITE');
  await share(anna.person, made.parent, await addressOf(dave), 'READ');
  bob.ids.shared.push(...made.ids);
  dave.ids.shared.push(...made.ids);
  for (const victim of [anna, bob]) victim.ids.shared.push(await addTag(victim));
}

/** It may have been changed on the way. */
const addressOf = async ({ person }: Victim): Promise<{ email: string }> =>
  (await person.data('{ getCurrentUser { email } }')).getCurrentUser;

/** What others see of a tag is its name, emoji and color; the rest stays its owner's. */
async function addTag({ name, person }: Victim): Promise<string> {
  const shared = markerOf(name, 'shared');
  const tag = create({
    name: `${shared} ${randomUUID()}`,
    color: shared,
    tagDescription: markerOf(name, 'own'),
  });
  await pushed(person, { tags: [tag] });
  TYPE_OF.set(tag.id, 'Tag');
  return tag.id;
}

async function addJournal(victim: Victim, place: 'shared' | 'own') {
  const marker = markerOf(victim.name, place);
  const word = (): string => `${marker} ${randomUUID().slice(0, 8)}`;
  const parent = trip({ name: word(), tripDescription: marker, coverImageObjectName: `${marker}.png` });
  const note = memory(parent.id, { title: word(), content: marker, address: marker });
  const picture = media(note.id, { objectName: `${marker}.jpg` });
  const way = track(parent.id, { name: word(), description: marker, gpxFileObjectName: `${marker}.gpx` });
  const input: Record<string, Loose[]> = {
    trips: [parent],
    memories: [note],
    mediaItems: [picture],
    gpxTracks: [way],
  };
  if (place === 'own') {
    const category = create({ name: word(), displayName: marker });
    Object.assign(input, {
      tagCategories: [category],
      tags: [create({ name: word(), tagDescription: marker, categoryId: category.id })],
      bucketListItems: [create({ name: word(), country: marker })],
    });
  }
  await pushed(victim.person, input);
  const ids = Object.values(input)
    .flat()
    .map(({ id }) => id as string);
  for (const [list, rows] of Object.entries(input))
    for (const { id } of rows) TYPE_OF.set(id, TYPES_OF_LISTS[list] ?? '');
  victim.ids[place].push(...ids);
  return { parent: parent.id, ids };
}

const uploadKey = async (person: Person): Promise<string> =>
  (await person.data('mutation { createUploadUrl(filename: "a.jpg", mimeType: "image/jpeg") { objectKey } }'))
    .createUploadUrl.objectKey;
