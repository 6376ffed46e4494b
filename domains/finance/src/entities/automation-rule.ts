/** What the app does by itself with transactions that meet some conditions. */
import { defineEntity, flag, instant, integer, LIMITS, text } from '@ackord/core';
import { z } from 'zod';
import { word } from './types.ts';
import { CONDITION_LOGICS } from './words.ts';

const anyValue = z.json().nullable();

const condition = z.strictObject({
  type: word(),
  operator: word().nullable(),
  /** Text, a number, or a list of texts. */
  value: anyValue,
});

const action = z.strictObject({
  type: word(),
  field: word().nullable(),
  value: anyValue,
});

export const automationRule = defineEntity({
  name: 'AutomationRule',
  plural: 'automation_rules',
  scope: 'tenant',
  fields: {
    name: text(),
    description: text().nullable(),
    stage: word(),
    conditions: z.array(condition).max(LIMITS.listItemsMax).nullable(),
    actions: z.array(action).max(LIMITS.listItemsMax).nullable(),
    priority: integer(),
    isActive: flag(),
    conditionLogic: z.enum(CONDITION_LOGICS).nullable().default('all'),
    editedAt: instant().nullable(),
  },
  stamp: 'editedAt',
});
