import { jsonb, pgEnum, pgTable, uuid, varchar } from 'drizzle-orm/pg-core';
import * as shapes from './shapes';

export const invoiceStatus = pgEnum('invoice_status', shapes.status.options);
export const invoices = pgTable('invoices', {
  id: uuid('id').primaryKey().defaultRandom(),
  status: invoiceStatus('status').notNull().default(shapes.status.enum.draft),
  title: varchar('title', { length: shapes.line.shape.text.maxLength ?? 1 }),
  lines: jsonb('lines').$type<shapes.Line[]>().notNull().default([]),
  settings: jsonb('settings').default(shapes.settings.parse({})),
});
