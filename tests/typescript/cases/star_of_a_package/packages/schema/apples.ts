import { pgTable, text } from 'drizzle-orm/pg-core';
export const apples = pgTable('apples', { a: text('a') });
