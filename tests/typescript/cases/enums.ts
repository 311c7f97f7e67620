import { pgEnum, pgSchema, pgTable, serial } from 'drizzle-orm/pg-core';

enum Level { Low = 'low', High = 'high' }
export const status = pgEnum('status', ['active', "it's", 'done']);
export const level = pgEnum('level', Level);
export const app = pgSchema('app');
export const kind = app.enum('kind', ['a', 'b']);
export const holders = pgTable('holders', {
  id: serial().primaryKey(),
  status: status().default('active').notNull(),
  kind: kind('kind').default('a'),
  kinds: kind().array(),
  level: level().default(Level.Low),
});
