import { integer, pgTable } from 'drizzle-orm/pg-core';
import { common } from './common';
import settings from './settings.json';
export { tableA } from './a';
export const tableB = pgTable(settings.prefix + '_b', { ...common, n: integer().default(settings.start) });
