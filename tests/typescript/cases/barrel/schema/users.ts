import { integer, pgTable } from 'drizzle-orm/pg-core';
export const users = pgTable('users', { id: integer().primaryKey() });
export const badges = pgTable('badges', { id: integer().primaryKey() });
