// expect: crypto.createHash("blake2b512") is not available
// expect: errors/unknown_hash.ts:6:
import { createHash } from 'crypto';
import { pgTable, text } from 'drizzle-orm/pg-core';

export const t = pgTable(`t_${createHash('blake2b512').update('t').digest('hex')}`, { a: text('a') });
