import { pgTable, text } from 'drizzle-orm/pg-core';

export * from '@repo/schema';
export * from '@/lib/middle';
export const own = pgTable('own', { a: text('a') });
