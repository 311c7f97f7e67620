import { integer, pgTable } from 'drizzle-orm/pg-core';
export const abyss = pgTable('abyss', { id: integer().primaryKey() });
