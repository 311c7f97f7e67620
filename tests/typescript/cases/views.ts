import { eq, gt, sql } from 'drizzle-orm';
import { integer, pgMaterializedView, pgSchema, pgTable, pgView, text, timestamp, boolean } from 'drizzle-orm/pg-core';

export const users = pgTable('users', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  name: text().notNull().default('x'),
  active: boolean().default(true),
  at: timestamp().defaultNow(),
});
export const active = pgView('active_users').as((qb) => qb.select().from(users).where(eq(users.active, true)));
export const named = pgView('named').with({ securityInvoker: true, checkOption: 'local', securityBarrier: false })
  .as((qb) => qb.select({ id: users.id, upper: sql<string>`upper(${users.name})`.as('upper') }).from(users).where(gt(users.id, 5)));
export const raw = pgView('raw_users', { id: integer(), name: text('user_name').notNull() }).as(sql`select id, name as user_name from ${users}`);
export const existing = pgView('existing_view', { id: integer() }).existing();
export const counts = pgMaterializedView('counts').as((qb) => qb.select({ n: sql<number>`count(*)`.as('n') }).from(users));
export const stored = pgMaterializedView('stored', { id: integer() }).using('heap').tablespace('fast').withNoData()
  .with({ fillfactor: 90, autovacuumEnabled: true }).as(sql`select 1 as id`);
export const app = pgSchema('app');
export const appView = app.view('app_view').as((qb) => qb.select().from(users));
export const appStored = app.materializedView('app_stored', { id: integer() }).existing();
