// expect: error[evaluation-failed] errors/recursion.ts:6
// expect: RangeError
import { check, foreignKey, index, integer, pgEnum, pgTable, pgView, primaryKey, text, unique, vector } from 'drizzle-orm/pg-core';
import { eq, sql } from 'drizzle-orm';

const f = (n: number): number => f(n + 1) + 1;
export const n = f(0);
