import { integer, pgTable, varchar } from 'drizzle-orm/pg-core';
import { lengths } from 'old-zod';

export const a = pgTable('a', { id: integer('id').primaryKey(), name: varchar('name', { length: 40 }) });
export const b = pgTable('b', { name: varchar('name', { length: lengths(a).name + lengths(a).id + 1 }) });
