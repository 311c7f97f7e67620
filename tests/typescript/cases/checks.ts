import { sql } from 'drizzle-orm';
import { check, integer, pgSchema, pgTable, text } from 'drizzle-orm/pg-core';

export const prices = pgTable('prices', { amount: integer(), currency: text() }, (t) => [
  check('positive', sql`${t.amount} > 0`),
  check('known', sql`${t.currency} in ('EUR', 'USD')`),
  check('plain', sql`amount < 1000000`),
  check('raw', sql.raw(`length(currency) = 3`)),
]);
export const shop = pgSchema('shop');
export const stock = shop.table('stock', { count: integer() }, (t) => [check('count_positive', sql`${t.count} >= 0`)]);
