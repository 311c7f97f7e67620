// Node's crypto: ids as defaults, and names made of a hash.
import crypto, { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto';
import { index, pgTable, text, varchar } from 'drizzle-orm/pg-core';

const secret = randomBytes(16).toString('hex');
if (secret.length !== 32 || randomUUID().length !== 36) throw new Error('not random');
const short = (algorithm: string, name: string) => createHash(algorithm).update(name).digest('hex').slice(0, 12);

export const sessions = pgTable('sessions', {
  id: varchar('id', { length: 36 }).primaryKey().$defaultFn(() => randomUUID()),
  token: text('token').$defaultFn(() => crypto.randomBytes(32).toString('base64url')),
  key: text('key').default(createHmac('sha256', 'key').update('The quick brown fox').digest('base64')),
}, (t) => [
  index(`sessions_${short('sha256', 'sessions:token')}`).on(t.token),
  index(`sessions_${short('sha512', 'größe')}`).on(t.token, t.id),
  index(`sessions_${short('md5', '')}_${short('sha1', 'x'.repeat(200))}`).on(t.key),
]);
