import { createId, init } from '@paralleldrive/cuid2';
import { customAlphabet, nanoid } from 'nanoid';
import { text, varchar } from 'drizzle-orm/pg-core';

const short = init({ length: 10 });
const lower = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 12);
export const id = () => text('id').primaryKey().$defaultFn(() => nanoid());
export const cuid = (name: string) => text(name).notNull().$defaultFn(() => createId());
export const prefixed = (prefix: string) => varchar('id', { length: 30 }).primaryKey().$defaultFn(() => `${prefix}_${lower()}${short()}`);
// They work here as well: a name is made while the schema loads.
if (nanoid().length !== 21 || createId().length !== 24 || !/^[0-9a-z]{12}$/.test(lower())) throw new Error('ids');
