import { integer, pgTable } from 'drizzle-orm/pg-core';
import { users } from './users';
export const animals = pgTable('animals', { id: integer().primaryKey(), keeper: integer().references(() => users.id) });
export const cages = pgTable('cages', { id: integer().primaryKey() });
