/** The wire can't change unnoticed: the protocol's version and a hash of all its messages are pinned together. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { contentFingerprint } from '../../rules/identifier.ts';
import type { JsonValue } from '../../schema/json.ts';
import { CLIENT_MESSAGES, SERVER_MESSAGES } from './all.ts';
import { SYNC_PROTOCOL_VERSION } from './protocol-version.ts';

const shapes = (messages: Readonly<Record<string, z.ZodType>>): JsonValue =>
  Object.entries(messages).map(([name, schema]) => [name, z.toJSONSchema(schema) as JsonValue]);

test('the messages are those of this version', () => {
  const hash = contentFingerprint([shapes(CLIENT_MESSAGES), shapes(SERVER_MESSAGES)]);
  // Changed on purpose? An older side that would misread it needs a new version; docs/protocol.md says what changed.
  expect({ version: SYNC_PROTOCOL_VERSION, hash }).toEqual({
    version: 1,
    hash: 'e716c3fb4d79174936599c06d2b18d91',
  });
});

test('every message says by its type which one it is', () => {
  for (const [name, schema] of Object.entries({ ...CLIENT_MESSAGES, ...SERVER_MESSAGES }))
    expect(schema.shape.type.value).toBe(name);
});
