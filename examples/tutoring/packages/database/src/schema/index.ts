export * from './columns';
export * from './enums';
export * from './users';
export * from './tutors';
export * from './students';
export * from './enrolments';
export * from './sessions';
export * from './reviews';
export * from './invoices';
export * from './relations';
// One folder down, out of reach of `./src/schema/*.ts` in drizzle.config.ts: drizzle-kit takes
// a view that two files export for two views of one name, and stops.
export * from './views/upcomingSessions';
export * from './views/tutorEarnings';
