// expect: table "users" has no column other
// expect: error[index-without-name]
// expect: error[duplicate-check-constraint]
// expect: error[vector-index-without-operator-class]
// expect: error[duplicate-index]
import { check, foreignKey, index, integer, pgEnum, pgTable, pgView, primaryKey, text, unique, vector } from 'drizzle-orm/pg-core';
import { eq, sql } from 'drizzle-orm';

export const users = pgTable('users', { id: integer().primaryKey(), name: text(), v: vector({ dimensions: 3 }) }, (t) => [
  unique('u').on(t.other),
  primaryKey({ columns: [t.id, t.other] }),
  index().on(sql`lower(${t.name})`),
  index('vv').using('hnsw', t.v),
  index('vv').on(t.id),
  check('c', eq(t.name, 'x')),
  check('c', sql`true`),
]);
