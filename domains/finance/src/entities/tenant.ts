/** A household: the root of the scope in which its records live. */
import { defineEntity, text } from '@ackord/core';

export const tenant = defineEntity({
  name: 'Tenant',
  plural: 'tenants',
  scope: { root: 'tenant' },
  internal: true,
  access: { write: 'OWNER', delete: 'OWNER' },
  fields: {
    name: text(),
  },
});
