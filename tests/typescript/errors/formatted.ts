// expect: Intl.NumberFormat.format() is not available
// expect: errors/formatted.ts:7:
// expect: move the call into a function that does not run while the module loads
import { pgTable, text } from 'drizzle-orm/pg-core';

const money = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });
export const t = pgTable('t', { a: text('a').default(money.format(5)) });
