import { sql } from 'drizzle-orm';
import { date, interval, pgTable, time, timestamp } from 'drizzle-orm/pg-core';

const moment = new Date('2024-01-02T03:04:05.678Z');
export const times = pgTable('times', {
  a: timestamp().defaultNow(),
  b: timestamp({ withTimezone: true }).defaultNow().notNull(),
  c: timestamp({ precision: 3 }).default(moment),
  d: timestamp().default(moment),
  e: timestamp({ withTimezone: true, precision: 6 }).default(moment),
  f: timestamp({ mode: 'string' }).default('2024-01-02 03:04:05'),
  g: timestamp({ mode: 'string', precision: 3, withTimezone: true }),
  h: date().default('2024-01-02'),
  i: date({ mode: 'date' }).default(moment),
  j: date().defaultNow(),
  k: time().default('10:00'),
  l: time({ precision: 2, withTimezone: true }).defaultNow(),
  m: interval().default('1 day'),
  n: interval({ fields: 'day to second', precision: 3 }),
  o: interval({ fields: 'year' }),
  p: timestamp().default(sql`now() + interval '1 day'`),
  q: timestamp().$onUpdate(() => new Date()),
});
