// expect: error[unavailable-module] errors/files.ts:9
// expect: fs.readFileSync("./x.json") is not available
// expect: hint: import JSON directly
import { check, foreignKey, index, integer, pgEnum, pgTable, pgView, primaryKey, text, unique, vector } from 'drizzle-orm/pg-core';
import { eq, sql } from 'drizzle-orm';


import fs from 'node:fs';
export const a = pgTable('a', { id: text().default(fs.readFileSync('./x.json', 'utf8')) });
