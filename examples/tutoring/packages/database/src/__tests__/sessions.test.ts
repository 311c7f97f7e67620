import { eq } from 'drizzle-orm';
import { db, pool } from '../client';
import { sessions } from '../schema';
import { newSession } from './fixtures';

afterAll(() => pool.end());

test('can insert session', async () => {
  const [session] = await db.insert(sessions).values(await newSession()).returning();

  expect(session.status).toBe('scheduled');
  expect(session.mode).toBe('online');
  expect(session.startTime).toEqual(new Date('2026-01-05T15:00:00Z'));
});

test('finds the tutor and the student of a session', async () => {
  const [{ id }] = await db.insert(sessions).values(await newSession()).returning();

  const session = await db.query.sessions.findFirst({
    where: eq(sessions.id, id),
    with: { tutor: { with: { user: true } }, student: { with: { user: true } } },
  });

  expect(session?.tutor.user.fullName).toBe('Test Tutor');
  expect(session?.student.user.fullName).toBe('Test Student');
});
