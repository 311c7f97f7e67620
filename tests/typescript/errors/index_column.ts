// expect: table "users" has no column nmae
// expect: hint: its columns are id, name
import { check, foreignKey, index, integer, pgEnum, pgTable, pgView, primaryKey, text, unique, vector } from 'drizzle-orm/pg-core';
import { eq, sql } from 'drizzle-orm';

export const users = pgTable('users', { id: integer().primaryKey(), name: text() }, (t) => [
  index('i').on(t.nmae),
]);
