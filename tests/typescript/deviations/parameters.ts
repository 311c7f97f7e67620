// drizzle-kit writes $1 for a value that stands in a fragment, and loses it.
import { and, between, eq, gt, inArray, isNull, sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, pgPolicy, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

export const t = pgTable('t', {
  id: integer().primaryKey(),
  big: bigint({ mode: 'bigint' }),
  name: text(),
  on: boolean(),
  at: timestamp(),
  twice: integer().generatedAlwaysAs(sql`id * ${2}`),
  note: text().default(sql`${"it's"} || ${'x'}`),
}, (t) => [
  check('eq', eq(t.name, "O'Brien")),
  check('many', and(gt(t.id, 5), isNull(t.name), inArray(t.name, ['a', 'b']))!),
  check('big', eq(t.big, 9007199254740993n)),
  check('dates', between(t.at, new Date('2024-01-01T00:00:00Z'), new Date('2025-01-01T00:00:00Z'))),
  index('on_only').on(t.name).where(eq(t.on, true)),
  index('expression').on(sql`coalesce(${t.name}, ${'none'})`),
  pgPolicy('p', { using: eq(t.name, 'x'), withCheck: sql`${t.id} <> ${7}` }),
]);
