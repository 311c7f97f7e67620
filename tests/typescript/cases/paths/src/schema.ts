import { pgTable } from 'drizzle-orm/pg-core';
import { columns } from '@/lib/columns';
import { name } from '~lib';
export const users = pgTable(name, { ...columns() });
