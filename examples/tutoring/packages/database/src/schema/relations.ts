import { relations } from 'drizzle-orm';
import { enrolments } from './enrolments';
import { invoices } from './invoices';
import { reviews } from './reviews';
import { sessions } from './sessions';
import { students } from './students';
import { tutors } from './tutors';
import { users } from './users';

export const usersRelations = relations(users, ({ one }) => ({
  tutor: one(tutors, { fields: [users.id], references: [tutors.userId] }),
  student: one(students, { fields: [users.id], references: [students.userId] }),
}));

export const tutorsRelations = relations(tutors, ({ one, many }) => ({
  user: one(users, { fields: [tutors.userId], references: [users.id] }),
  mentor: one(tutors, {
    fields: [tutors.mentorId],
    references: [tutors.id],
    relationName: 'mentoring',
  }),
  mentees: many(tutors, { relationName: 'mentoring' }),
  enrolments: many(enrolments),
  sessions: many(sessions),
}));

export const studentsRelations = relations(students, ({ one, many }) => ({
  user: one(users, { fields: [students.userId], references: [users.id] }),
  enrolments: many(enrolments),
  sessions: many(sessions),
  reviews: many(reviews),
  invoices: many(invoices),
}));

export const enrolmentsRelations = relations(enrolments, ({ one }) => ({
  tutor: one(tutors, { fields: [enrolments.tutorId], references: [tutors.id] }),
  student: one(students, { fields: [enrolments.studentId], references: [students.id] }),
}));

export const sessionsRelations = relations(sessions, ({ one, many }) => ({
  tutor: one(tutors, { fields: [sessions.tutorId], references: [tutors.id] }),
  student: one(students, { fields: [sessions.studentId], references: [students.id] }),
  reviews: many(reviews),
  invoice: one(invoices, { fields: [sessions.id], references: [invoices.sessionId] }),
}));

export const reviewsRelations = relations(reviews, ({ one }) => ({
  session: one(sessions, { fields: [reviews.sessionId], references: [sessions.id] }),
  student: one(students, { fields: [reviews.studentId], references: [students.id] }),
}));

export const invoicesRelations = relations(invoices, ({ one }) => ({
  student: one(students, { fields: [invoices.studentId], references: [students.id] }),
  session: one(sessions, { fields: [invoices.sessionId], references: [sessions.id] }),
}));
