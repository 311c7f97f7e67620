import { foreignKey, integer, pgSchema, pgTable, text, uuid, type AnyPgColumn } from 'drizzle-orm/pg-core';

export const auth = pgSchema('auth');
export const accounts = auth.table('accounts', { id: uuid().primaryKey() });
export const users = pgTable('users', {
  id: integer().primaryKey(),
  region: text().notNull(),
  accountId: uuid('account_id').references(() => accounts.id, { onDelete: 'cascade' }),
  managerId: integer('manager_id').references((): AnyPgColumn => users.id, { onDelete: 'set null', onUpdate: 'cascade' }),
});
export const posts = pgTable('posts', {
  id: integer().primaryKey(),
  author: integer().notNull().references(() => users.id),
  authorRegion: text('author_region'),
  parent: integer(),
}, (t) => [
  foreignKey({ columns: [t.parent], foreignColumns: [t.id] }).onDelete('restrict').onUpdate('no action'),
  foreignKey({ name: 'posts_author', columns: [t.author, t.authorRegion], foreignColumns: [users.id, users.region] }).onDelete('set default'),
]);
