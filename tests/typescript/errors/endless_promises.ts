// expect: error[time-limit] errors/endless_promises.ts
import { check, foreignKey, index, integer, pgEnum, pgTable, pgView, primaryKey, text, unique, vector } from 'drizzle-orm/pg-core';
import { eq, sql } from 'drizzle-orm';

const again = (): unknown => { for (let i = 0; i < 1e5; i++); return Promise.resolve().then(again); };
again();
