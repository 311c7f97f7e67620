import { pgTable, text } from 'drizzle-orm/pg-core';
export const zebras = pgTable('zebras', { a: text('a') });
