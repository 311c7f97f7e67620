import { boolean, date, index, pgTable, primaryKey, uuid } from 'drizzle-orm/pg-core';
import { students } from './students';
import { tutors } from './tutors';

/** Which student learns with which tutor. */
export const enrolments = pgTable(
  'enrolments',
  {
    tutorId: uuid('tutor_id')
      .notNull()
      .references(() => tutors.id, { onDelete: 'cascade' }),
    studentId: uuid('student_id')
      .notNull()
      .references(() => students.id, { onDelete: 'cascade' }),
    startedOn: date('started_on').notNull().defaultNow(),
    paused: boolean('paused').notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.tutorId, table.studentId] }),
    index('enrolments_student_id_idx').on(table.studentId),
  ],
);
