export * from 'drizzle-orm-0.28';
