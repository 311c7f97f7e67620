// expect: error[memory-limit] errors/memory.ts
// expect: the limit of 64 MB
import { check, foreignKey, index, integer, pgEnum, pgTable, pgView, primaryKey, text, unique, vector } from 'drizzle-orm/pg-core';
import { eq, sql } from 'drizzle-orm';

const all: unknown[] = [];
while (true) all.push(new Array(10000).fill('x'));
