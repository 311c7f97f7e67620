import { pgTable, text } from 'drizzle-orm/pg-core';
import { readJson } from 'json-reader';

const tables: string[] = readJson('tables.json');
export const t = pgTable(tables[0], { a: text('a') });
