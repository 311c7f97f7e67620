import { relations, sql } from 'drizzle-orm';
import { customType, index, integer, jsonb, pgEnum, pgTable, pgTableCreator, primaryKey, serial, text, timestamp, unique, uniqueIndex, uuid, varchar, boolean, numeric, foreignKey, pgSchema } from 'drizzle-orm/pg-core';
export const mood = pgEnum('mood', ['a', 'b']);
export const app = pgSchema('app');
export const users = pgTable('users', { id: serial('id').primaryKey(), name: text('name').notNull().default('x'), m: mood('m').default('a'), at: timestamp('at', { withTimezone: true }).defaultNow(), j: jsonb('j').default({ a: 1 }), tags: text('tags').array() }, (t) => ({ i: index('i').on(t.name), u: uniqueIndex('u').on(t.name, t.m), uq: unique('uq').on(t.name) }));
export const posts = app.table('posts', { id: uuid('id').defaultRandom().primaryKey(), userId: integer('user_id').references(() => users.id, { onDelete: 'cascade' }), n: numeric('n', { precision: 5, scale: 2 }) });
export const pairs = pgTable('pairs', { a: integer('a').notNull(), b: integer('b').notNull() }, (t) => ({ pk: primaryKey(t.a, t.b) }));
export const r = relations(users, ({ many }) => ({ posts: many(posts) }));
