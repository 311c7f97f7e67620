// expect: error[time-limit] errors/endless.ts
// expect: longer than the limit of
import { check, foreignKey, index, integer, pgEnum, pgTable, pgView, primaryKey, text, unique, vector } from 'drizzle-orm/pg-core';
import { eq, sql } from 'drizzle-orm';

while (true) {}
