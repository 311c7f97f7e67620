import { pgTable } from 'drizzle-orm/pg-core';
import { common } from './common.js';
export const tableA = pgTable('a', { ...common });
