import { eq, sql } from 'drizzle-orm';
import { pgView } from 'drizzle-orm/pg-core';
import { sessions } from '../sessions';
import { students } from '../students';
import { users } from '../users';

/** The calendar: what is still to come. */
export const upcomingSessions = pgView('upcoming_sessions').as((qb) =>
  qb
    .select({
      sessionId: sql<string>`${sessions.id}`.as('session_id'),
      tutorId: sessions.tutorId,
      studentName: users.fullName,
      subject: sessions.subject,
      startTime: sessions.startTime,
    })
    .from(sessions)
    .innerJoin(students, eq(students.id, sessions.studentId))
    .innerJoin(users, eq(users.id, students.userId))
    .where(sql`${sessions.status} = 'scheduled' and ${sessions.startTime} > now()`),
);
