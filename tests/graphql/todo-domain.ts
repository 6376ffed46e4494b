/** A third domain, as short as one can be: lists that are shared, with items. GraphQL comes by itself. */
import { defineDomain, defineEntity, flag, instant, integer, name, text, uuid, uuids } from '@ackord/core';
import { z } from 'zod';

const list = defineEntity({
  name: 'TodoList',
  plural: 'todoLists',
  scope: { root: 'todo' },
  access: { delete: 'OWNER' },
  fields: { name: name(), archived: flag().default(false) },
});

const item = defineEntity({
  name: 'TodoItem',
  plural: 'todoItems',
  scope: 'owner',
  fields: {
    todoListId: uuid(),
    title: name(),
    note: text().nullable(),
    dueAt: instant().nullable(),
    effort: integer().default(0),
    state: z.enum(['OPEN', 'DOING', 'DONE']).default('OPEN'),
    checklist: z.array(z.object({ text: z.string(), done: z.boolean() })).default([]),
    blockedByIds: uuids().default([]),
  },
  references: {
    todoListId: { to: 'TodoList', onDelete: 'cascade' },
    blockedByIds: { to: 'TodoItem', onDelete: 'dangle' },
  },
});

export const todoDomain = defineDomain({ name: 'todo', ids: 'uuid', entities: [list, item] });
