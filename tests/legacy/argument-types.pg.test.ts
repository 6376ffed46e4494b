/** The types of id arguments are part of the contract: a document that declares the other one fails validation with 400. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeOf, type Ground, type Person, startTravel } from '../gaps/ground.ts';

let ground: Ground;
let anna: Person;
beforeAll(async () => {
  ground = await startTravel();
  anna = await ground.person();
});
afterAll(() => ground.close());

/** Operation, argument, its type, the rest of the call. */
const ARGUMENTS = `
query trip(id: ID!) {id}
query getTripMembers(tripId: ID!) {id}
query memories(tripId: ID) {id}
query memory(id: String!) {id}
query searchMemories(tripId: ID) query: "x" {id}
query routePoints(tripId: ID!) {id}
query gpxTracksByTrip(tripId: ID!) {id}
query gpxTrack(id: ID!) {id}
query generateBatchDownloadUrls(mediaItemIds: [ID!]) {generatedAt}
query generateBatchDownloadUrls(gpxTrackIds: [ID!]) {generatedAt}
mutation updateTrip(id: ID!) input: {} {id}
mutation deleteTrip(id: ID!)
mutation generateTripCoverImageUploadUrl(tripId: ID!) contentType: "image/png" {uploadUrl}
mutation assignCoverImageToTrip(tripId: ID!) objectName: "x" {id}
mutation shareTrip(tripId: ID!) email: "x", permission: READ {id}
mutation claimTrip(tripId: ID!) {id}
mutation updateMemory(id: String!) input: {} {id}
mutation deleteMemory(id: String!)
mutation updateMediaItem(id: String!) input: {} {id}
mutation deleteMediaItem(id: String!)
mutation createRoutePoints(tripId: ID!) points: [] {id}
mutation updateTag(id: String!) input: {} {id}
mutation deleteTag(id: String!)
mutation updateTagCategory(id: String!) input: {} {id}
mutation deleteTagCategory(id: String!)
mutation updateBucketListItem(id: ID!) input: {name: "x"} {id}
mutation deleteBucketListItem(id: ID!)
mutation completeBucketListItem(id: ID!) memoryId: "x" {id}
mutation completeBucketListItem(memoryId: ID!) id: "x" {id}
mutation updateGpxTrack(id: ID!) input: {} {id}
mutation deleteGpxTrack(id: ID!)
mutation processGpxFile(tripId: ID!) objectName: "x", trackName: "x" {id}
mutation markFileUploadComplete(entityId: ID!) entityType: "x", objectName: "x"`;

const cases = ARGUMENTS.trim()
  .split('\n')
  .map((line) => {
    const [, kind = '', field = '', name = '', type = '', others = '', selection = ''] =
      /^(\w+) (\w+)\((\w+): ([^)]+)\)\s*(.*?)\s*(\{\w+\})?$/.exec(line) ?? [];
    return { kind, field, name, type, others, selection };
  });

test.each(cases.map((one) => [`${one.field}(${one.name}: ${one.type})`, one] as const))(
  '%s',
  async (_name, one) => {
    const { kind, field, name, type, others, selection } = one;
    const text = (of: string) =>
      `${kind} Q($value: ${of}) { ${field}(${name}: $value${others && `, ${others}`}) ${selection} }`;
    const other = type.includes('ID') ? type.replace('ID', 'String') : type.replace('String', 'ID');
    const refused = await anna.ask(text(other), { value: randomUUID() });
    expect([refused.status, codeOf(refused), refused.data]).toEqual([
      400,
      'GRAPHQL_VALIDATION_FAILED',
      undefined,
    ]);
    const taken = await anna.ask(text(type), { value: type.startsWith('[') ? [] : randomUUID() });
    expect(taken.status).toBe(200);
  },
);

test('an id may be given as an Int where it is an ID, as GraphQL has it, and is then no UUID', async () => {
  const answer = await anna.ask('query Q($id: ID!) { trip(id: $id) { id } }', { id: 5 });
  expect([answer.status, codeOf(answer)]).toEqual([200, 'BAD_USER_INPUT']);
  const text = await anna.ask('query Q($id: String!) { memory(id: $id) { id } }', { id: 5 });
  expect([text.status, codeOf(text)]).toEqual([400, 'BAD_USER_INPUT']);
});

test('ids in capital letters mean the same', async () => {
  const made = await anna.data(
    'mutation { createTrip(input: { name: "x", startDate: "2024-05-01T12:00:00Z" }) { id } }',
  );
  const { id } = made.createTrip;
  const { trip } = await anna.data('query Q($id: ID!) { trip(id: $id) { id } }', { id: id.toUpperCase() });
  expect(trip.id).toBe(id);
});
