import { pgTable } from 'drizzle-orm/pg-core';

export const all = pgTable('all_types', (t) => ({
  id: t.uuid().defaultRandom().primaryKey(),
  name: t.varchar({ length: 10 }).notNull(),
  tags: t.text().array(),
  meta: t.jsonb().$type<{ a: number }>(),
}));
