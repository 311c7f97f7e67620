import { integer, pgTable, text, unique } from 'drizzle-orm/pg-core';

export const uniques = pgTable('uniques', {
  a: text().unique(),
  b: text().unique('b_is_unique'),
  c: text('cc').unique('c_nulls', { nulls: 'not distinct' }),
  d: integer(),
  e: integer(),
}, (t) => [unique().on(t.d, t.e), unique('de').on(t.e, t.d).nullsNotDistinct()]);
