/** The app in the field on one phone: signed in as it does it, sending its own documents with `__typename`, naming no device. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { type Answer, expectClean, type Ground, type Loose, NEVER, type Person } from '../gaps/ground.ts';
import { appDocument, textOf } from './documents.ts';

export interface Account {
  readonly email: string;
  readonly password: string;
}

export interface Phone extends Account {
  readonly userId: string;
  readonly token: string;
  /** The answer as it comes. */
  send(document: string, variables?: Record<string, unknown>): Promise<Answer>;
  /** What the one field of a document gave, in an answer without errors. */
  say(document: string, variables?: Record<string, unknown>): Promise<Loose>;
  sync(since?: string): Promise<Loose>;
  /** The same user with a newer client, on a device of its own. */
  bulk(): Person;
}

const texts = new Map<string, string>();
function text(name: string): string {
  const known = texts.get(name) ?? textOf(appDocument(name), 'nested');
  texts.set(name, known);
  return known;
}

export async function send(
  ground: Ground,
  token: string | null,
  document: string,
  variables: Record<string, unknown> = {},
): Promise<Answer> {
  const headers = {
    'x-apollo-operation-name': document,
    'apollographql-client-name': 'journal-ios',
    accept: 'multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json',
    ...(token !== null && { authorization: `Bearer ${token}` }),
  };
  const answer = await ground.server.anonymous()(text(document), variables, {
    operationName: document,
    headers,
  });
  expectClean(answer);
  return answer;
}

const only = (answer: Answer): Loose => {
  expect(answer).toMatchObject({ status: 200, errors: [] });
  return Object.values(answer.data)[0];
};

export async function signUp(ground: Ground): Promise<Phone> {
  const account = { email: `${randomUUID()}@example.org`, password: 'long enough' };
  only(await send(ground, null, 'UserRegistration', { input: account }));
  return signIn(ground, account);
}

export async function signIn(ground: Ground, { email, password }: Account): Promise<Phone> {
  const input = { email, password };
  const { token, user } = only(await send(ground, null, 'UserLogin', { input }));
  const ask = (document: string, variables?: Record<string, unknown>) =>
    send(ground, token, document, variables);
  const say = async (document: string, variables?: Record<string, unknown>) =>
    only(await ask(document, variables));
  return {
    email,
    password,
    token,
    userId: user.id,
    send: ask,
    say,
    sync: (since = NEVER) => say('Sync', { lastSyncedAt: since }),
    bulk: () => ground.guest({ userId: user.id, email, token, device: `device-${randomUUID()}` }),
  };
}

/** What the app makes first of each type, in the order in which it uploads: the answers, by list. */
export async function uploadOneOfEach(phone: Phone): Promise<Record<OneOfEach, Loose>> {
  const trips = await phone.say('CreateTrip', {
    input: { name: 'Brittany', startDate: '2024-05-01T12:00:00.000Z', isActive: true },
  });
  const memories = await phone.say('CreateMemory', {
    input: {
      title: 'Lighthouse',
      content: 'Tall and white.',
      date: '2024-05-02T08:30:00.123Z',
      latitude: 48.46,
      longitude: -5.1,
      address: 'Ushant',
      tripId: trips.id,
    },
  });
  const mediaItems = await phone.say('CreateMediaItem', {
    input: {
      objectName: 'IMG_0001.jpg',
      memoryId: memories.id,
      mediaType: 'image/jpeg',
      timestamp: '2024-05-02T08:30:00.000Z',
      order: 0,
      filesize: 12_345,
    },
  });
  const gpxTracks = await phone.say('CreateGPXTrack', {
    input: {
      name: 'Coast',
      originalFilename: 'coast.gpx',
      tripId: trips.id,
      memoryId: memories.id,
      creator: 'watch',
      trackType: 'walk',
    },
  });
  const tagCategories = await phone.say('CreateTagCategory', {
    input: { name: 'Sights', emoji: '🗺', color: 'teal' },
  });
  const tags = await phone.say('CreateTag', {
    input: {
      name: 'Towers',
      emoji: '🗼',
      color: 'red',
      tagDescription: 'High',
      categoryId: tagCategories.id,
    },
  });
  const bucketListItems = await phone.say('CreateBucketListItem', {
    input: { name: 'Iceland', country: 'Iceland', type: 'country', latitude1: 64.1, longitude1: -21.9 },
  });
  return { trips, memories, mediaItems, gpxTracks, tags, tagCategories, bucketListItems };
}

export type OneOfEach =
  | 'trips'
  | 'memories'
  | 'mediaItems'
  | 'gpxTracks'
  | 'tags'
  | 'tagCategories'
  | 'bucketListItems';

export const SHARE_TEXT = `mutation ShareTrip($tripId: ID!, $email: String!, $permission: Permission!) {
  shareTrip(tripId: $tripId, email: $email, permission: $permission) { id role } }`;
