import { pgTable, text } from 'drizzle-orm/pg-core';
import { anonymousRole, authenticatedRole, authUid, crudPolicy } from 'drizzle-orm/neon';

export const notes = pgTable('notes', { owner: text().notNull() }, (t) => [
  crudPolicy({ role: authenticatedRole, read: authUid(t.owner), modify: authUid(t.owner) }),
  crudPolicy({ role: anonymousRole, read: true, modify: false }),
]);
