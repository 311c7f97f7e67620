import { relations, sql } from 'drizzle-orm';
import { index, jsonb, pgTableCreator, text, timestamp, varchar, type PgTableExtraConfigValue } from 'drizzle-orm/pg-core';
import { createInsertSchema, createSelectSchema, createUpdateSchema } from 'drizzle-zod';
import { z } from 'zod';
import { env } from './env';
import { cuid, id, prefixed } from './ids';

const table = pgTableCreator((name) => `${env.NODE_ENV === 'production' ? 'prod' : 'app'}_${name}`);
const timestamps = {
  createdAt: timestamp('created_at', { withTimezone: true }).defaultNow().notNull(),
  updatedAt: timestamp('updated_at', { withTimezone: true }).$onUpdate(() => new Date()),
} satisfies Record<string, unknown>;
const settings = z.object({ theme: z.enum(['light', 'dark']).default('light'), columns: z.array(z.string()).default(['title']) });

export const users = table('users', { id: id(), email: text('email').notNull().unique(), settings: jsonb('settings').$type<z.infer<typeof settings>>().default(settings.parse({})), ...timestamps });
export const posts = table('posts', {
  id: prefixed('post'),
  slug: cuid('slug'),
  title: varchar('title', { length: env.APP_MAX_TITLE }).notNull().default(''),
  region: text('region').notNull().default(env.APP_REGION),
  authorId: text('author_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  ...timestamps,
}, (t): PgTableExtraConfigValue[] => [index().on(t.authorId), index('posts_slug').on(sql`lower(${t.slug})`)]);
export const usersRelations = relations(users, ({ many }) => ({ posts: many(posts) }));

export const insertUser = createInsertSchema(users, { email: (schema) => schema.email() }).omit({ createdAt: true });
export const selectPost = createSelectSchema(posts).extend({ author: createSelectSchema(users) });
export const updatePost = createUpdateSchema(posts, { title: z.string().max(env.APP_MAX_TITLE) });
export type NewUser = z.infer<typeof insertUser>;
if (!insertUser.safeParse({ id: 'x', email: 'a@b.example' }).success || insertUser.safeParse({ email: 'nobody' }).success) throw new Error('zod');
