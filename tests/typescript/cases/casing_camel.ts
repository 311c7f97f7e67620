// casing: camelCase
import { sql } from 'drizzle-orm';
import { check, foreignKey, index, integer, pgTable, primaryKey, text, timestamp, unique } from 'drizzle-orm/pg-core';

export const userAccounts = pgTable('userAccounts', {
  account_id: integer().generatedAlwaysAsIdentity(),
  first_name: text().notNull().unique(),
  lastName: text('familyName'),
  createdAtUTC: timestamp().defaultNow(),
  address2Line: text(),
  upperName: text().generatedAlwaysAs(sql`upper(first_name)`),
}, (t) => [
  primaryKey({ columns: [t.account_id, t.first_name] }),
  index().on(t.createdAtUTC),
  index('byName').on(t.first_name.desc(), sql`lower(${t.lastName})`).where(sql`${t.address2Line} is not null`),
  unique().on(t.first_name, t.lastName),
  check('nameCheck', sql`length(${t.first_name}) > 1`),
]);
export const blogPosts = pgTable('blogPosts', {
  postId: integer().primaryKey(),
  authorId: integer(),
  authorName: text(),
  editorId: integer().references(() => userAccounts.account_id),
}, (t) => [foreignKey({ columns: [t.authorId, t.authorName], foreignColumns: [userAccounts.account_id, userAccounts.first_name] })]);
