export * from './zoo';
export * from './users.js';
// export * from './nowhere';
import { integer, pgTable } from 'drizzle-orm/pg-core';
export const middle = pgTable('middle', { id: integer() });
export * from './nested';
