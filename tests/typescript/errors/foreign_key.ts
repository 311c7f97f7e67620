// expect: errors/foreign_key.ts:11:15: table "posts" refers to users.nope, but table "users" has no such column
// expect: hint: did you mean "userName"?
// expect: table "posts" has no column gone
// expect: refers to users.missing
import { check, foreignKey, index, integer, pgEnum, pgTable, pgView, primaryKey, text, unique, vector } from 'drizzle-orm/pg-core';
import { eq, sql } from 'drizzle-orm';


export const users = pgTable('users', { id: integer().primaryKey(), userName: text() });
export const posts = pgTable('posts', {
  id: integer(),
  author: integer().references(() => users.nope),
  name: text().references(() => users.username),
}, (t) => [
  foreignKey({ columns: [t.gone], foreignColumns: [users.id] }),
  foreignKey({ columns: [t.id], foreignColumns: [users.missing] }),
]);
