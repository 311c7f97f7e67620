import { sql, type SQL } from 'drizzle-orm';
import { integer, pgTable, text } from 'drizzle-orm/pg-core';

export const people = pgTable('people', {
  first: text().notNull(),
  last: text().notNull(),
  full: text().generatedAlwaysAs(sql`first || ' ' || last`),
  lower: text().generatedAlwaysAs((): SQL => sql`lower(${people.first})`),
  plain: integer().generatedAlwaysAs(sql`1`),
  raw: text().generatedAlwaysAs('upper(first)'),
});
