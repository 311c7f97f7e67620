import { index, integer, pgTable, text, unique } from 'drizzle-orm/pg-core';

export const odd = pgTable('Odd Table-1', {
  '1': integer(),
  'two words': text().unique(),
  '10': text('Ümlaut'),
  Select: text('select'),
}, (t) => [index().on(t['two words']), unique().on(t.Select, t['10'])]);
