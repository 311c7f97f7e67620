import { pgEnum, pgTableCreator, varchar } from 'drizzle-orm/pg-core';
import { id, timestamps } from '@repo/columns';
import { LIMITS } from '@repo/columns/limits';
import { prefix } from './env';

const table = pgTableCreator((name) => `${prefix}_${name}`);

export const role = pgEnum('role', LIMITS.roles);
export const users = table('users', { id: id(), name: varchar('name', { length: LIMITS.name }), role: role('role').default('guest'), ...timestamps });
