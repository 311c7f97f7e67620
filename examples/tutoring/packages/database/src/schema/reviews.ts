import { sql } from 'drizzle-orm';
import { bigint, check, index, pgTable, smallint, text, unique, uuid } from 'drizzle-orm/pg-core';
import { timestamps } from './columns';
import { sessions } from './sessions';
import { students } from './students';

/** What a student says about a session: once. */
export const reviews = pgTable(
  'reviews',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    sessionId: uuid('session_id')
      .notNull()
      .references(() => sessions.id, { onDelete: 'cascade' }),
    studentId: uuid('student_id')
      .notNull()
      .references(() => students.id, { onDelete: 'cascade' }),
    rating: smallint('rating').notNull(),
    comment: text('comment'),
    ...timestamps,
  },
  (table) => [
    unique('reviews_session_student_unique').on(table.sessionId, table.studentId),
    index('reviews_student_id_idx').on(table.studentId),
    check('reviews_rating_range', sql`${table.rating} between 1 and 5`),
  ],
);
