import { sessionStatuses } from '@repo/shared';
import { sql } from 'drizzle-orm';
import { check, index, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { timestamps } from './columns';
import { sessionMode } from './enums';
import { students } from './students';
import { tutors } from './tutors';

export const sessions = pgTable(
  'sessions',
  {
    id: uuid('id').defaultRandom().primaryKey(),
    tutorId: uuid('tutor_id')
      .notNull()
      .references(() => tutors.id, { onDelete: 'restrict' }),
    studentId: uuid('student_id')
      .notNull()
      .references(() => students.id, { onDelete: 'cascade' }),
    subject: text('subject').notNull(),
    startTime: timestamp('start_time').notNull(),
    endTime: timestamp('end_time').notNull(),
    status: text('status', { enum: sessionStatuses }).notNull(),
    mode: sessionMode('mode').notNull().default('online'),
    notes: text('notes'),
    ...timestamps,
  },
  (table) => ({
    studentIdx: index('sessions_student_id_idx').on(table.studentId),
    upcomingIdx: index('sessions_upcoming_idx')
      .on(table.startTime)
      .where(sql`${table.status} = 'scheduled'`),
    endsAfterStart: check('sessions_ends_after_start', sql`${table.endTime} >= ${table.startTime}`),
  }),
);
