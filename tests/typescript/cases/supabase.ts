import { sql } from 'drizzle-orm';
import { pgPolicy, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { anonRole, authenticatedRole, authUid, authUsers, serviceRole } from 'drizzle-orm/supabase';

export const profiles = pgTable('profiles', {
  id: uuid().primaryKey().references(() => authUsers.id, { onDelete: 'cascade' }),
  name: text(),
}, (t) => [
  pgPolicy('own profile', { for: 'all', to: authenticatedRole, using: sql`${t.id} = ${authUid}`, withCheck: sql`${t.id} = ${authUid}` }),
  pgPolicy('read', { for: 'select', to: [anonRole, serviceRole], using: sql`true` }),
]);
