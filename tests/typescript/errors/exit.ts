// expect: error[process-exit] errors/exit.ts:5
import { check, foreignKey, index, integer, pgEnum, pgTable, pgView, primaryKey, text, unique, vector } from 'drizzle-orm/pg-core';
import { eq, sql } from 'drizzle-orm';

if (!process.env.SURELY_NOT_SET) process.exit(1);
