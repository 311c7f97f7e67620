// expect: error[evaluation-failed] errors/imported/settings.ts:6:33: TypeError: cannot read property 'region' of null
import { pgTable, text } from 'drizzle-orm/pg-core';
import { region } from './imported/settings';
export const t = pgTable('t', { a: text().default(region) });
