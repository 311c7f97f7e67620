import { integer, pgTableCreator, text } from 'drizzle-orm/pg-core';

const createTable = pgTableCreator((name) => `web_${name}`);
export const users = createTable('users', { id: integer().primaryKey(), email: text().unique() });
export const posts = createTable('posts', (d) => ({ id: d.integer().primaryKey(), user: d.integer().references(() => users.id), at: d.timestamp({ withTimezone: true }) }));
