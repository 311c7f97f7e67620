// expect: error[duplicate-column] errors/duplicate_column.ts:6:0: table "t" has two columns named "name": a and b
import { integer, pgSchema, pgTable, text } from 'drizzle-orm/pg-core';

export const t = pgTable('t', {
  a: text('name'),
  b: integer('name'),
});
