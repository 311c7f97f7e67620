import { pgSchema, pgSequence } from 'drizzle-orm/pg-core';

export const plain = pgSequence('plain');
export const full = pgSequence('full', { startWith: 100, increment: 5, minValue: 10, maxValue: 100000, cache: 7, cycle: true });
export const down = pgSequence('down', { increment: -1 });
export const app = pgSchema('app');
export const inside = app.sequence('inside', { startWith: '9007199254740993' });
