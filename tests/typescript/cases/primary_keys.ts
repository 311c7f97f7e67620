import { integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';

export const one = pgTable('one', { a: integer().primaryKey() });
export const two = pgTable('two', { a: integer(), b: integer().notNull() }, (t) => [primaryKey({ columns: [t.a, t.b] })]);
export const named = pgTable('named', { a: uuid(), b: text() }, (t) => [primaryKey({ name: 'named_pk', columns: [t.b, t.a] })]);
export const single = pgTable('single', { a: integer() }, (t) => ({ pk: primaryKey({ columns: [t.a] }) }));
