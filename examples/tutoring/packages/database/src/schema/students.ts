import { sql } from 'drizzle-orm';
import { check, date, pgTable, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { timestamps } from './columns';
import { users } from './users';

export const students = pgTable(
  'students',
  {
    id: uuid('id').defaultRandom().primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .unique()
      .references(() => users.id, { onDelete: 'cascade' }),
    schoolYear: smallint('school_year'),
    dateOfBirth: date('date_of_birth'),
    guardianEmail: text('guardian_email'),
    goals: text('goals').array().notNull().default(['Pass the next exam']),
    ...timestamps,
  },
  (table) => [
    check('students_school_year_range', sql`${table.schoolYear} between 1 and 13`),
  ],
);
