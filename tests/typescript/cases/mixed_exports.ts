import { relations } from 'drizzle-orm';
import { integer, pgEnum, pgTable, text } from 'drizzle-orm/pg-core';

const timestamps = { note: text('note') };
export const zebra = pgTable('zebra', { id: integer().primaryKey(), ...timestamps });
export const Apple = pgTable('apple', { id: integer().primaryKey(), zebra: integer().references(() => zebra.id) });
export const _under = pgTable('under', { id: integer() });
export const $dollar = pgTable('dollar', { id: integer() });
export const alias = zebra;
export const zebraRelations = relations(zebra, ({ many }) => ({ apples: many(Apple) }));
export const constants = { a: 1 };
export function helper() { return zebra; }
export default Apple;
export type Zebra = typeof zebra.$inferSelect;
const hidden = pgTable('hidden', { id: integer() });
export const kinds = pgEnum('kinds', ['a']);
void hidden;
