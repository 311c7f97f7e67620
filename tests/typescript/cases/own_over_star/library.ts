import { pgTable } from 'drizzle-orm/pg-core';
export * from 'drizzle-orm/pg-core';
export const table = pgTable;
export const text = 'not a column';
