import { db, pool } from '../client';
import { sessions } from '../schema';
import { newSession } from './fixtures';

afterAll(() => pool.end());

test('can insert session with duration', async () => {
  const [session] = await db.insert(sessions).values({
    ...(await newSession()),
    duration: 60, // NEW FIELD
  }).returning();

  expect(session.duration).toBe(60);
});
