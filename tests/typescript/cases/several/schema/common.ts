import { integer, timestamp } from 'drizzle-orm/pg-core';
export const common = { id: integer().primaryKey().generatedAlwaysAsIdentity(), createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow() };
