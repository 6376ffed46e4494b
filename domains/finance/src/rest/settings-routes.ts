/** Settings of a user's app, kept here so that its devices share them. */
import { LIMITS } from '@ackord/core';
import { answerJson, type RestAnswer, type RestRoute, refuse, restRoute } from '@ackord/server';
import { z } from 'zod';
import { userOf } from '../access.ts';
import { LOG_LEVELS } from '../entities/words.ts';
import type { FinanceTools } from '../tools.ts';
import { parseMoment } from '../wire/moment.ts';
import { type Call, callerIn, USER_PARAMS } from './calls.ts';
import { editSettings, readSettings, resetSettings, type SettingsEdit } from './settings.ts';
import { SETTINGS, settingsJson } from './wire.ts';

const PATH = '/api/v1/user/settings/{user_id}';
const OWN = { token: 'optional', note: 'the user itself; in the open mode everybody.' } as const;
const ANSWERS = {
  200: { description: 'The settings as they are now.', schema: SETTINGS },
  403: { description: 'They are another user’s.' },
};

const EDIT = z
  .object({
    log_level: z.enum(LOG_LEVELS),
    log_categories: z.array(z.string().max(LIMITS.nameLengthMax)).max(LIMITS.listItemsMax),
    history_retention_days: z.int().min(0),
    updated_at: z
      .string()
      .refine((text) => parseMoment(text) !== null, 'must be a moment of ISO 8601')
      .describe('When the edit was made; left out: now.'),
  })
  .partial();

export const settingsRoutes = (tools: FinanceTools): RestRoute[] => [
  restRoute({
    method: 'GET',
    path: PATH,
    tag: 'Settings',
    summary: 'Reads the settings, and makes them where there are none',
    access: OWN,
    params: USER_PARAMS,
    answers: ANSWERS,
    handle: (call) => forUser(tools, call, call.params.user_id, (actor) => readSettings(tools, actor)),
  }),
  edit(tools, 'PUT', PATH, 'Changes the settings'),
  restRoute({
    method: 'POST',
    path: `${PATH}/reset`,
    tag: 'Settings',
    summary: 'Goes back to the defaults',
    access: OWN,
    params: USER_PARAMS,
    body: z.object({}),
    bodyOptional: true,
    answers: ANSWERS,
    handle: (call) => forUser(tools, call, call.params.user_id, (actor) => resetSettings(tools, actor)),
  }),
  edit(tools, 'POST', `${PATH}/sync`, 'Offers a device’s settings, and answers those that stand'),
];

const edit = (tools: FinanceTools, method: 'PUT' | 'POST', path: string, summary: string): RestRoute =>
  restRoute({
    method,
    path,
    tag: 'Settings',
    summary,
    description: 'The later edit stands: one that is as old as what is here, or older, changes nothing.',
    access: OWN,
    params: USER_PARAMS,
    body: EDIT,
    bodyOptional: method === 'POST',
    answers: ANSWERS,
    handle: (call) =>
      forUser(tools, call, call.params.user_id, (actor) =>
        // Nothing offered is no edit.
        Object.keys(call.body).length === 0
          ? readSettings(tools, actor)
          : editSettings(tools, actor, fieldsOf(call.body), timeOf(call.body)),
      ),
  });

function fieldsOf(body: z.output<typeof EDIT>): SettingsEdit {
  const { log_level, log_categories, history_retention_days } = body;
  return {
    ...(log_level !== undefined && { logLevel: log_level }),
    ...(log_categories !== undefined && { logCategories: log_categories }),
    ...(history_retention_days !== undefined && { historyRetentionDays: history_retention_days }),
  };
}

const timeOf = ({ updated_at }: z.output<typeof EDIT>): number | null =>
  updated_at === undefined ? null : parseMoment(updated_at);

async function forUser(
  tools: FinanceTools,
  call: Call,
  userId: string,
  work: (actor: { readonly userId: string }) => ReturnType<typeof readSettings>,
): Promise<RestAnswer> {
  const user = userOf(callerIn(tools, call, userId));
  if (!user.ok) return refuse(user.refusal);
  const result = await work(user.actor);
  return result.ok ? answerJson(settingsJson(result.settings)) : result.answer;
}
