// Two files that export one name: a namespace has neither, drizzle-kit sees the first.
export * from './double_star/first';
export * from './double_star/second';
