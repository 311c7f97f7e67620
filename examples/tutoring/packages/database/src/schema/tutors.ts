import { defaultAvailability, type Availability } from '@repo/shared';
import { sql } from 'drizzle-orm';
import {
  check,
  index,
  jsonb,
  numeric,
  pgTable,
  text,
  uuid,
  type AnyPgColumn,
} from 'drizzle-orm/pg-core';
import { timestamps } from './columns';
import { users } from './users';

export const tutors = pgTable(
  'tutors',
  {
    id: uuid('id').defaultRandom().primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .unique()
      .references(() => users.id, { onDelete: 'cascade' }),
    mentorId: uuid('mentor_id').references((): AnyPgColumn => tutors.id, { onDelete: 'set null' }),
    headline: text('headline'),
    subjects: text('subjects').array().notNull().default([]),
    hourlyRate: numeric('hourly_rate', { precision: 8, scale: 2 }).notNull(),
    availability: jsonb('availability').$type<Availability>().notNull().default(defaultAvailability),
    oldName: text('old_name'),
    oldField: text('old_field').notNull(),
    ...timestamps,
  },
  (table) => [
    index('tutors_mentor_id_idx').on(table.mentorId),
    index('tutors_subjects_idx').using('gin', table.subjects),
    check('tutors_hourly_rate_positive', sql`${table.hourlyRate} > 0`),
  ],
);
