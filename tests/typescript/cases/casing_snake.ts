// casing: snake_case
import { sql } from 'drizzle-orm';
import { check, foreignKey, index, integer, pgTable, primaryKey, text, timestamp, unique } from 'drizzle-orm/pg-core';

export const userAccounts = pgTable('userAccounts', {
  accountId: integer().generatedAlwaysAsIdentity(),
  firstName: text().notNull().unique(),
  lastName: text('familyName'),
  createdAtUTC: timestamp().defaultNow(),
  address2Line: text(),
  upperName: text().generatedAlwaysAs(sql`upper(first_name)`),
}, (t) => [
  primaryKey({ columns: [t.accountId, t.firstName] }),
  index().on(t.createdAtUTC),
  index('byName').on(t.firstName.desc(), sql`lower(${t.lastName})`).where(sql`${t.address2Line} is not null`),
  unique().on(t.firstName, t.lastName),
  check('nameCheck', sql`length(${t.firstName}) > 1`),
]);
export const blogPosts = pgTable('blogPosts', {
  postId: integer().primaryKey(),
  authorId: integer(),
  authorName: text(),
  editorId: integer().references(() => userAccounts.accountId),
}, (t) => [foreignKey({ columns: [t.authorId, t.authorName], foreignColumns: [userAccounts.accountId, userAccounts.firstName] })]);
