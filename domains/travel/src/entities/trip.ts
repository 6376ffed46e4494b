/** A journey. It is the root of a scope: all that belongs to it is shared, ordered and synced with it. */
import { defineEntity, flag, instant, number, text } from '@ackord/core';
import { notBefore } from '../rules.ts';

export const trip = defineEntity({
  name: 'Trip',
  plural: 'trips',
  scope: { root: 'trip' },
  access: { delete: 'OWNER' },
  fields: {
    name: text(),
    tripDescription: text().nullable(),
    travelCompanions: text().nullable(),
    /** Names of countries, joined with ", " by the apps. */
    visitedCountries: text().nullable(),
    /** Key of a stored file. */
    coverImageObjectName: text().nullable(),
    startDate: instant(),
    /** null: the trip is still going on. */
    endDate: instant().nullable(),
    isActive: flag().default(true),
    /** Metres. */
    totalDistance: number().default(0),
    gpsTrackingEnabled: flag().default(true),
  },
  rules: [notBefore('endDate', 'startDate')],
});
