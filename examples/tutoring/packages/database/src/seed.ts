/**
 * Fills a development database. The rows are the same every time, and a row that is there already
 * stays as it is: run it as often as you like.
 */
import { db, pool } from './client';
import { enrolments, invoices, reviews, sessions, students, tutors, users } from './schema';

const subjects = ['Mathematics', 'Physics', 'English', 'History'];

/** The same id for the same row, in every database: `seedId('b', 2)` is the second tutor. */
function seedId(kind: 'a' | 'b' | 'c' | 'd', n: number): string {
  return `${kind.repeat(8)}-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

const tutorUsers = [
  { fullName: 'Ada Byron', email: 'ada@example.com' },
  { fullName: 'Blaise Moreau', email: 'blaise@example.com' },
  { fullName: 'Chiyo Tanaka', email: 'chiyo@example.com' },
].map((user, i) => ({ ...user, id: seedId('a', i + 1), role: 'tutor' as const }));

const studentUsers = [
  { fullName: 'Dana Novak', email: 'dana@example.com' },
  { fullName: 'Emeka Obi', email: 'emeka@example.com' },
  { fullName: 'Freya Lund', email: 'freya@example.com' },
  { fullName: 'Goran Ilić', email: 'goran@example.com', locale: 'hr-HR' },
  { fullName: "Hannah O'Neill", email: 'hannah@example.com', locale: 'en-IE' },
  { fullName: 'Iker Etxeberria', email: 'iker@example.com', locale: 'eu-ES' },
].map((user, i) => ({ ...user, id: seedId('a', 100 + i + 1), role: 'student' as const }));

const tutorRows = tutorUsers.map((user, i) => ({
  id: seedId('b', i + 1),
  userId: user.id,
  mentorId: i > 0 ? seedId('b', 1) : null,
  headline: `${subjects[i]} and ${subjects[i + 1]}`,
  subjects: subjects.slice(i, i + 2),
  hourlyRate: `${30 + 5 * i}.00`,
  oldName: user.fullName,
  oldField: 'imported',
}));

const studentRows = studentUsers.map((user, i) => ({
  id: seedId('c', i + 1),
  userId: user.id,
  schoolYear: 8 + (i % 5),
  dateOfBirth: `20${String(12 - (i % 5)).padStart(2, '0')}-03-0${i + 1}`,
  guardianEmail: `parent.${user.email}`,
}));

const enrolmentRows = studentRows.map((student, i) => ({
  tutorId: tutorRows[i % tutorRows.length].id,
  studentId: student.id,
  startedOn: '2025-09-01',
}));

/** Four sessions for each student: three long ago, one far ahead, so that the calendar is never empty. */
const sessionRows = studentRows.flatMap((student, i) =>
  [0, 1, 2, 3].map((week) => {
    const tutor = tutorRows[i % tutorRows.length];
    const duration = 45 + 15 * (i % 3);
    const startTime = new Date(Date.UTC(week < 3 ? 2025 : 2099, 9, 6 + 7 * week + (i % 5), 15));
    return {
      id: seedId('d', 10 * (i + 1) + week),
      tutorId: tutor.id,
      studentId: student.id,
      subject: tutor.subjects[week % 2],
      startTime,
      endTime: new Date(startTime.getTime() + duration * 60_000),
      duration, // Drizzle passes over a key without a column: there is none before the walk.
      status: week === 3 ? ('scheduled' as const) : week === 1 ? ('cancelled' as const) : ('completed' as const),
      mode: i % 2 === 0 ? ('online' as const) : ('in_person' as const),
    };
  }),
);

const completed = sessionRows.filter((session) => session.status === 'completed');

const reviewRows = completed.map((session, i) => ({
  sessionId: session.id,
  studentId: session.studentId,
  rating: 3 + (i % 3),
  comment: i % 2 === 0 ? 'Clear and patient.' : null,
}));

const invoiceRows = completed.map((session, i) => ({
  studentId: session.studentId,
  sessionId: session.id,
  amount: `${20 + 5 * (i % 4)}.00`,
  status: i % 3 === 2 ? ('sent' as const) : ('paid' as const),
  dueOn: '2025-11-30',
  paidAt: i % 3 === 2 ? null : new Date('2025-11-12T09:00:00Z'),
}));

async function seed() {
  await db.transaction(async (tx) => {
    await tx.insert(users).values([...tutorUsers, ...studentUsers]).onConflictDoNothing();
    await tx.insert(tutors).values(tutorRows).onConflictDoNothing();
    await tx.insert(students).values(studentRows).onConflictDoNothing();
    await tx.insert(enrolments).values(enrolmentRows).onConflictDoNothing();
    await tx.insert(sessions).values(sessionRows).onConflictDoNothing();
    await tx.insert(reviews).values(reviewRows).onConflictDoNothing();
    await tx.insert(invoices).values(invoiceRows).onConflictDoNothing();
  });
  for (const [name, table] of Object.entries({ users, tutors, students, enrolments, sessions, reviews, invoices })) {
    console.log(`${name.padEnd(12)}${await db.$count(table)} rows`);
  }
}

seed()
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  })
  .finally(() => pool.end());
