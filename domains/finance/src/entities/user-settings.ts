/** How a user's app keeps its log and history. */
import { defineEntity, instant, integer, LIMITS } from '@ackord/core';
import { z } from 'zod';
import { LOG_LEVELS } from './words.ts';

export const userSettings = defineEntity({
  name: 'UserSettings',
  plural: 'user_settings',
  scope: 'user',
  internal: true,
  fields: {
    logLevel: z.enum(LOG_LEVELS).default('INFO'),
    logCategories: z.array(z.string().max(LIMITS.nameLengthMax)).max(LIMITS.listItemsMax).default([]),
    historyRetentionDays: integer().default(60),
    /** As the app says; the later one stays. */
    editedAt: instant().nullable(),
  },
});
