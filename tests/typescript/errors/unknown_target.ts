// expect: warning[foreign-key-to-unknown-table] errors/unknown_target.ts:7:0: column "ghost_id" of table "things" refers to table "ghosts"
import { integer, pgSchema, pgTable, text } from 'drizzle-orm/pg-core';

const ghosts = pgTable('ghosts', { id: integer().primaryKey() });
const elsewhere = pgSchema('auth').table('users', { id: integer().primaryKey() });
export const things = pgTable('things', {
  ghostId: integer('ghost_id').references(() => ghosts.id),
  user: integer().references(() => elsewhere.id),
});
