import { integer, pgTable } from 'drizzle-orm/pg-core';
export const shared = pgTable('from_first', { id: integer() });
