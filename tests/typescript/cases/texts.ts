import { char, pgTable, text, uuid, varchar } from 'drizzle-orm/pg-core';
import { sql } from 'drizzle-orm';

export const texts = pgTable('texts', {
  id: uuid().primaryKey().defaultRandom(),
  a: text().default("O'Brien"),
  b: text('b', { enum: ['x', 'y'] }).default('x').notNull(),
  c: varchar().default(''),
  d: varchar({ length: 255 }).default('back\\slash "quoted"'),
  e: char(),
  f: char({ length: 3 }).default('abc'),
  g: uuid('g').default('123e4567-e89b-12d3-a456-426614174000'),
  h: text().default(sql`'x' || 'y'`),
  i: text().$defaultFn(() => 'computed'),
  j: text().$type<'a' | 'b'>().$onUpdate(() => 'x'),
});
