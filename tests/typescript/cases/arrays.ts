import { boolean, date, integer, json, numeric, pgEnum, pgTable, text, timestamp, uuid, varchar } from 'drizzle-orm/pg-core';
import { sql } from 'drizzle-orm';

export const mood = pgEnum('mood', ['sad', 'ok']);
export const arrays = pgTable('arrays', {
  a: text().array().default(['a', 'b']),
  b: integer().array().default([1, 2, 3]),
  c: integer().array(3).array(3).default([[1, 2], [3, 4]]),
  d: boolean().array().default([true, false]),
  e: varchar({ length: 10 }).array().notNull().default([]),
  f: mood().array().default(['sad']),
  g: numeric({ precision: 4, scale: 1 }).array(),
  h: date({ mode: 'date' }).array().default([new Date('2024-01-02T00:00:00Z')]),
  i: timestamp().array().default([new Date('2024-01-02T03:04:05.678Z')]),
  j: timestamp({ withTimezone: true }).array().default([new Date('2024-01-02T03:04:05.678Z')]),
  k: uuid().array().default(sql`'{}'::uuid[]`),
  l: json().array().default([{ a: 1 }]),
});
