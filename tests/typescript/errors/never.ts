// expect: waits (await) for something that never happens
import { check, foreignKey, index, integer, pgEnum, pgTable, pgView, primaryKey, text, unique, vector } from 'drizzle-orm/pg-core';
import { eq, sql } from 'drizzle-orm';

await new Promise((done) => setTimeout(done, 10));
