// The tables of ../tutoring.hpp, as far as the cases use them, for drizzle-orm.
import { relations } from 'drizzle-orm';
import { foreignKey, integer, jsonb, numeric, pgEnum, pgSchema, pgTable, primaryKey, text, timestamp, uuid, varchar, date } from 'drizzle-orm/pg-core';

export const userRole = pgEnum('user_role', ['student', 'tutor', 'admin']);
export const sessionMode = pgEnum('session_mode', ['online', 'in person']);
const billing = pgSchema('billing');
const invoiceStatus = billing.enum('invoice_status', ['draft', 'sent', 'paid']);

export const users = pgTable('users', {
  id: uuid('id').defaultRandom().primaryKey(),
  email: text('email').notNull(),
  fullName: text('full_name').notNull(),
  role: userRole('role').notNull().default('student'),
  locale: varchar('locale', { length: 10 }).notNull().default('en-GB'),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
});
export const tutors = pgTable('tutors', {
  id: uuid('id').defaultRandom().primaryKey(),
  userId: uuid('user_id').notNull().unique().references(() => users.id),
  mentorId: uuid('mentor_id'),
  headline: text('headline'),
  subjects: text('subjects').array().notNull().default([]),
  hourlyRate: numeric('hourly_rate', { precision: 8, scale: 2 }).notNull(),
  availability: jsonb('availability'),
});
export const sessions = pgTable('sessions', {
  id: uuid('id').defaultRandom().primaryKey(),
  tutorId: uuid('tutor_id').notNull().references(() => tutors.id),
  subject: text('subject').notNull(),
  startTime: timestamp('start_time').notNull(),
  duration: integer('duration_minutes').notNull(),
  mode: sessionMode('mode').notNull().default('online'),
  notes: text('notes'),
});
export const invoices = billing.table('invoices', {
  number: integer('number').primaryKey().generatedAlwaysAsIdentity({ startWith: 1000 }),
  sessionId: uuid('session_id'),
  amount: numeric('amount', { precision: 10, scale: 2 }).notNull(),
  status: invoiceStatus('status').notNull().default('draft'),
  dueOn: date('due_on').notNull(),
  withTax: numeric('with_tax').generatedAlwaysAs('amount * 1.2'),
});

export const rooms = pgTable('rooms', {
  kind: sessionMode('kind').notNull(),
  number: integer('number').notNull(),
  name: text('name').notNull(),
}, (t) => [primaryKey({ columns: [t.kind, t.number] })]);
export const bookings = pgTable('bookings', {
  id: integer('id').primaryKey(),
  kind: sessionMode('kind').notNull(),
  number: integer('number'),
  what: text('what').notNull(),
}, (t) => [foreignKey({ columns: [t.kind, t.number], foreignColumns: [rooms.kind, rooms.number] })]);

export const roomsRelations = relations(rooms, ({ many }) => ({ bookings: many(bookings) }));
export const bookingsRelations = relations(bookings, ({ one }) => ({
  room: one(rooms, { fields: [bookings.kind, bookings.number], references: [rooms.kind, rooms.number] }),
}));
export const usersRelations = relations(users, ({ one }) => ({
  tutor: one(tutors, { fields: [users.id], references: [tutors.userId] }),
}));
export const tutorsRelations = relations(tutors, ({ one, many }) => ({
  user: one(users, { fields: [tutors.userId], references: [users.id] }),
  mentor: one(tutors, { fields: [tutors.mentorId], references: [tutors.id], relationName: 'mentoring' }),
  mentees: many(tutors, { relationName: 'mentoring' }),
  sessions: many(sessions),
}));
export const sessionsRelations = relations(sessions, ({ one, many }) => ({
  tutor: one(tutors, { fields: [sessions.tutorId], references: [tutors.id] }),
  invoices: many(invoices),
}));
export const invoicesRelations = relations(invoices, ({ one }) => ({
  session: one(sessions, { fields: [invoices.sessionId], references: [sessions.id] }),
}));
