import { bigint, integer, pgTable, smallint } from 'drizzle-orm/pg-core';

export const a = pgTable('a', { id: integer().primaryKey().generatedAlwaysAsIdentity() });
export const b = pgTable('b', { id: bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity() });
export const c = pgTable('c', { id: smallint().generatedAlwaysAsIdentity({ startWith: 10, increment: 5, cache: 20, cycle: true }) });
export const d = pgTable('d', { id: integer().generatedAlwaysAsIdentity({ name: 'd_numbers', minValue: 5, maxValue: 500 }) });
export const e = pgTable('e', { id: integer().generatedByDefaultAsIdentity({ increment: -1 }) });
export const f = pgTable('f', { id: bigint({ mode: 'bigint' }).generatedByDefaultAsIdentity({ increment: -2, startWith: -10 }) });
