/**
 * The words that the app uses for choices. Lists that the original enforces are choices of the types; of the others,
 * a known word in another case is written as it is here, and an unknown one is kept.
 */

/** `checking` is known on the wire only. */
export const ACCOUNT_TYPES = [
  'giro',
  'tagesgeld',
  'festgeld',
  'spar',
  'kreditkarte',
  'depot',
  'bauspar',
  'darlehen',
  'geschaeft',
  'gemeinschaft',
  'fremdwaehrung',
  'virtuell',
  'bar',
  'sonstiges',
  'checking',
] as const;

export const AMOUNT_TYPES = ['EXACT', 'APPROXIMATE', 'RANGE'] as const;

export const RECURRENCE_PATTERNS = [
  'ONCE',
  'DAILY',
  'WEEKLY',
  'BIWEEKLY',
  'MONTHLY',
  'QUARTERLY',
  'YEARLY',
] as const;

export const RECURRENCE_END_TYPES = ['NEVER', 'COUNT', 'DATE'] as const;

export const WEEKEND_HANDLINGS = ['NONE', 'BEFORE', 'AFTER'] as const;

export const CONDITION_LOGICS = ['all', 'any'] as const;

/** Not enforced. */
export const TRANSACTION_TYPES = [
  'EXPENSE',
  'INCOME',
  'ACCOUNTTRANSFER',
  'CATEGORYTRANSFER',
  'RECONCILE',
] as const;

/** Not enforced. */
export const RULE_STAGES = ['PRE', 'DEFAULT', 'POST'] as const;

/** Not enforced. */
export const CONDITION_TYPES = [
  'ACCOUNT_IS',
  'RECIPIENT_EQUALS',
  'RECIPIENT_CONTAINS',
  'AMOUNT_EQUALS',
  'AMOUNT_GREATER',
  'AMOUNT_LESS',
  'DATE_IS',
  'DATE_APPROX',
  'DESCRIPTION_CONTAINS',
] as const;

/** Not enforced. */
export const ACTION_TYPES = [
  'SET_CATEGORY',
  'ADD_TAG',
  'SET_NOTE',
  'LINK_SCHEDULE',
  'SET_ACCOUNT',
  'SET_RECIPIENT',
] as const;

export const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
