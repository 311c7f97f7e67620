import { sql } from 'drizzle-orm';
import { integer, pgPolicy, pgRole, pgTable, text } from 'drizzle-orm/pg-core';

export const admin = pgRole('admin', { createDb: true, createRole: true, inherit: false });
export const reader = pgRole('reader');
export const outside = pgRole('outside').existing();
export const secrets = pgTable('secrets', { id: integer(), owner: text() }, (t) => [
  pgPolicy('all_public'),
  pgPolicy('readers', { as: 'permissive', for: 'select', to: reader, using: sql`true` }),
  pgPolicy('owners', { as: 'restrictive', for: 'update', to: [reader, 'zorro', admin, outside], using: sql`${t.owner} = current_user`, withCheck: sql`${t.owner} = current_user` }),
  pgPolicy('me', { for: 'insert', to: 'current_user', withCheck: sql`id > 0` }),
  pgPolicy('everyone', { for: 'delete', to: ['public', 'session_user'] }),
]);
export const locked = pgTable('locked', { id: integer() }).enableRLS();
export const linked = pgPolicy('linked', { for: 'select', to: 'public', using: sql`true` }).link(secrets);
