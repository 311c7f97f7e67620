import { json, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { sql } from 'drizzle-orm';

export const documents = pgTable('documents', {
  a: json().default({ a: 1, b: [true, null] }),
  b: jsonb().default([]),
  c: jsonb().notNull().default({}),
  d: jsonb().$type<string[]>().default(['x', 'y']),
  e: jsonb().default(sql`'{}'::jsonb`),
  f: json().default(5),
  g: jsonb().default(false),
  h: jsonb().array(),
  i: text().array().default([]),
});
