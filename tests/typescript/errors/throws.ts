// expect: error[evaluation-failed] errors/throws.ts:6:13: TypeError: cannot make b
import { check, foreignKey, index, integer, pgEnum, pgTable, pgView, primaryKey, text, unique, vector } from 'drizzle-orm/pg-core';
import { eq, sql } from 'drizzle-orm';

function boom(name: string): never {
  throw new TypeError(`cannot make ${name}`);
}
export const b = boom('b');
