import { pgTable, text } from 'drizzle-orm/pg-core';
export const middle = pgTable('middle', { a: text('a') });
