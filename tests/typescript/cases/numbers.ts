import { bigint, bigserial, doublePrecision, integer, numeric, decimal, pgTable, real, serial, smallint, smallserial } from 'drizzle-orm/pg-core';

export const numbers = pgTable('numbers', {
  id: serial().primaryKey(),
  big: bigserial({ mode: 'number' }),
  small: smallserial(),
  a: integer().notNull().default(42),
  b: smallint().default(-1),
  c: bigint({ mode: 'number' }).default(9007199254740991),
  d: bigint('dd', { mode: 'bigint' }),
  e: numeric(),
  f: numeric({ precision: 10 }),
  g: numeric({ precision: 10, scale: 2 }).default('12.50'),
  h: decimal('hh', { precision: 5, scale: 3, mode: 'number' }).default(1.5),
  i: numeric({ mode: 'bigint' }),
  j: real().default(1.25),
  k: doublePrecision('kk').default(0),
});
