// expect: warning[no-tables] errors/nothing_exported.ts
import { check, foreignKey, index, integer, pgEnum, pgTable, pgView, primaryKey, text, unique, vector } from 'drizzle-orm/pg-core';
import { eq, sql } from 'drizzle-orm';

const users = pgTable('users', { id: integer().primaryKey() });
void users;
