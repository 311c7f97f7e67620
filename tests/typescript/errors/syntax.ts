// expect: error[typescript-syntax] errors/syntax.ts:5:46
import { check, foreignKey, index, integer, pgEnum, pgTable, pgView, primaryKey, text, unique, vector } from 'drizzle-orm/pg-core';
import { eq, sql } from 'drizzle-orm';

export const a = pgTable('a', { id: integer( });
