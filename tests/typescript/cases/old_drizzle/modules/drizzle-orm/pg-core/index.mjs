export * from 'drizzle-orm-0.28/pg-core';
