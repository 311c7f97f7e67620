import { sql } from 'drizzle-orm';
import {
  check,
  date,
  index,
  integer,
  numeric,
  pgTable,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { timestamps } from './columns';
import { invoiceStatus } from './enums';
import { sessions } from './sessions';
import { students } from './students';

export const invoices = pgTable(
  'invoices',
  {
    number: integer('number').primaryKey().generatedAlwaysAsIdentity({ startWith: 1000 }),
    studentId: uuid('student_id')
      .notNull()
      .references(() => students.id, { onDelete: 'restrict' }),
    sessionId: uuid('session_id').references(() => sessions.id, { onDelete: 'set null' }),
    amount: numeric('amount', { precision: 10, scale: 2 }).notNull(),
    status: invoiceStatus('status').notNull().default('draft'),
    dueOn: date('due_on').notNull(),
    paidAt: timestamp('paid_at', { withTimezone: true }),
    voidReason: text('void_reason'),
    ...timestamps,
  },
  (table) => [
    index('invoices_student_id_due_on_idx').on(table.studentId, table.dueOn.desc()),
    // A session is billed at most once.
    uniqueIndex('invoices_session_id_idx')
      .on(table.sessionId)
      .where(sql`${table.sessionId} is not null`),
    check('invoices_amount_not_negative', sql`${table.amount} >= 0`),
  ],
);
