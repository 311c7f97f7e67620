// expect: new http.Agent() is not available
// expect: errors/network.ts:7:
// expect: move the call into a function that does not run while the module loads
import http from 'node:http';
import { pgTable, text } from 'drizzle-orm/pg-core';

export const agent = new http.Agent({ keepAlive: true });
export const t = pgTable('t', { a: text('a') });
