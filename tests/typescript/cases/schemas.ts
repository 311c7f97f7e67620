import { integer, pgSchema, text } from 'drizzle-orm/pg-core';

export const b = pgSchema('beta');
export const a = pgSchema('alpha');
export const things = b.table('things', { id: integer().primaryKey().generatedAlwaysAsIdentity(), name: text().unique() });
export const things2 = a.table('things', { id: integer().primaryKey().references(() => things.id) });
