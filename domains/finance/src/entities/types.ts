/**
 * Kinds of field that the finance types share. The original keeps these in SQLite, which enforces no lengths and no
 * digits; the bounds here only keep out what no app means.
 */
import { decimal, LIMITS, text } from '@ackord/core';
import { z } from 'zod';

/** Digits after the point of every amount. */
export const MONEY_SCALE = 2;

/** An amount of money, a share in percent, or what else the app computes with. */
export const money = () => decimal({ digits: LIMITS.decimalDigitsMax, scale: MONEY_SCALE });

/** The id of another record of the tenant. Soft: it may lead nowhere, and may be empty. */
export const softId = () => text(LIMITS.idLengthMax);

/** Ids of other records, as the app orders them. */
export const softIds = () => z.array(z.string().max(LIMITS.idLengthMax)).max(LIMITS.listItemsMax);

/** A day, or a day with a time, as the app wrote it: it has no zone, so it must not be shifted into one. */
export const day = () => text(LIMITS.wordLengthMax);

/** A word that the original takes as it comes. */
export const word = () => text(LIMITS.wordLengthMax);
