import { integer, pgTable } from 'drizzle-orm/pg-core';
export const shared = pgTable('from_second', { id: integer() });
