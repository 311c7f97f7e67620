export * from './status';
export * from './availability';
