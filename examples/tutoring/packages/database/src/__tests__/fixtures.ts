import { randomUUID } from 'node:crypto';
import { db } from '../client';
import { students, tutors, users } from '../schema';

/** The values of a session that can be inserted: with a tutor and a student of its own, both new. */
export async function newSession() {
  const [tutorUser, studentUser] = await db
    .insert(users)
    .values([
      { email: `${randomUUID()}@example.com`, fullName: 'Test Tutor', role: 'tutor' },
      { email: `${randomUUID()}@example.com`, fullName: 'Test Student', role: 'student' },
    ])
    .returning();
  const [tutor] = await db
    .insert(tutors)
    .values({ userId: tutorUser.id, subjects: ['Math'], hourlyRate: '30.00', oldField: 'test' })
    .returning({ id: tutors.id });
  const [student] = await db
    .insert(students)
    .values({ userId: studentUser.id })
    .returning({ id: students.id });
  const startTime = new Date('2026-01-05T15:00:00Z');
  return {
    tutorId: tutor.id,
    studentId: student.id,
    subject: 'Math',
    startTime,
    endTime: new Date(startTime.getTime() + 60 * 60_000),
    duration: 60, // Drizzle passes over a key without a column: there is none before the walk.
    status: 'scheduled' as const,
  };
}
