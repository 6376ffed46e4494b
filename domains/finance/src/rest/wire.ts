/** Users, tenants and settings as REST shows them. Moments are ISO texts with "Z". */
import { formatInstant, type RecordState } from '@ackord/core';
import type { User } from '@ackord/server';
import { z } from 'zod';
import { LOG_LEVELS } from '../entities/words.ts';

const moment = z.string().describe('ISO 8601, UTC.');

export const USER = z
  .object({
    uuid: z.string(),
    name: z.string().describe('The user name.'),
    email: z.string(),
    createdAt: moment,
    updatedAt: moment,
  })
  .meta({ id: 'User', description: 'Somebody who uses the app. Password hashes are never told.' });

export const SIGNED_IN = USER.extend({
  accessToken: z.string().describe('For the header `Authorization: Bearer …`.'),
}).meta({ id: 'SignedIn', description: 'A user who has signed in.' });

export const TENANT = z
  .object({
    uuid: z.string(),
    name: z.string(),
    user_id: z.string().describe('Who made it.'),
    createdAt: moment,
    updatedAt: moment,
  })
  .meta({ id: 'Tenant', description: 'A household: what its records belong to.' });

export const SETTINGS = z
  .object({
    id: z.string(),
    user_id: z.string(),
    log_level: z.enum(LOG_LEVELS),
    log_categories: z.array(z.string()),
    history_retention_days: z.int(),
    created_at: moment,
    updated_at: moment.describe(
      'Of the edit that stands; of defaults that nobody has chosen, when they were made.',
    ),
  })
  .meta({ id: 'UserSettings', description: 'How a user’s app keeps its log and history.' });

export const userJson = ({ id, username, email, createdAt, updatedAt }: User): z.output<typeof USER> => ({
  uuid: id,
  name: username,
  email,
  createdAt: formatInstant(createdAt),
  updatedAt: formatInstant(updatedAt),
});

export const tenantJson = (record: RecordState): z.output<typeof TENANT> => ({
  uuid: record.id,
  name: String(record.fields.name),
  user_id: record.createdBy,
  createdAt: formatInstant(record.createdAt),
  updatedAt: formatInstant(record.updatedAt),
});

export function settingsJson(record: RecordState): z.output<typeof SETTINGS> {
  const { logLevel, logCategories, historyRetentionDays, editedAt } = record.fields;
  const createdAt = formatInstant(record.createdAt);
  return {
    id: record.id,
    user_id: record.id,
    log_level: logLevel as (typeof LOG_LEVELS)[number],
    log_categories: logCategories as string[],
    history_retention_days: Number(historyRetentionDays),
    created_at: createdAt,
    updated_at: typeof editedAt === 'string' ? editedAt : createdAt,
  };
}
