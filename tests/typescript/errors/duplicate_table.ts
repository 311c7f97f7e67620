// expect: error[duplicate-table] errors/duplicate_table.ts:7:0: two tables have the name public.users: exports a and b; the other is in errors/duplicate_table.ts:6
// expect: error[duplicate-enum] errors/duplicate_table.ts:9
import { check, foreignKey, index, integer, pgEnum, pgTable, pgView, primaryKey, text, unique, vector } from 'drizzle-orm/pg-core';
import { eq, sql } from 'drizzle-orm';

export const a = pgTable('users', { id: integer() });
export const b = pgTable('users', { id: integer() });
export const e1 = pgEnum('e', ['a']);
export const e2 = pgEnum('e', ['b']);
