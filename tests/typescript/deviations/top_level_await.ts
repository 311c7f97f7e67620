import { integer, pgTable } from 'drizzle-orm/pg-core';
const { sql } = await import('drizzle-orm');
const name = await Promise.resolve('waited');
export const t = pgTable(name, { id: integer().default(sql`1`) });
