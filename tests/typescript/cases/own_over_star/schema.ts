import { integer } from 'drizzle-orm/pg-core';
import { table } from './library';

export * from './base';
export * from './library';
export const users = table('people', { age: integer('age') });
