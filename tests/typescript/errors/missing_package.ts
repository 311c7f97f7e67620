// expect: error[unresolved-import] errors/missing_package.ts:8:27: Could not resolve "not-there"
// expect: hint: install it: npm install not-there
// expect: error[unresolved-import] errors/missing_package.ts:9:15: Could not resolve "./nowhere"
import { check, foreignKey, index, integer, pgEnum, pgTable, pgView, primaryKey, text, unique, vector } from 'drizzle-orm/pg-core';
import { eq, sql } from 'drizzle-orm';


import { something } from 'not-there';
import x from './nowhere';
export const a = pgTable('a', { id: text().$defaultFn(() => something(x)) });
