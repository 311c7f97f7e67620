import { sql } from 'drizzle-orm';
import { integer, pgPolicy, pgSchema, pgTable } from 'drizzle-orm/pg-core';

const hidden = pgSchema('realtime').table('messages', { id: integer() });
export const own = pgTable('own', { id: integer() });
export const p = pgPolicy('listen', { for: 'select', to: 'authenticated', using: sql`true` }).link(hidden);
