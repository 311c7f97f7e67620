import { integer, text } from 'drizzle-orm/pg-core';
export const columns = <const T extends string>(x?: T) => ({ id: integer().primaryKey(), name: text().default(x ?? 'none') });
