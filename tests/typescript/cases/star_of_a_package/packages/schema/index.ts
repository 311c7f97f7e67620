export * from './zebras';
export * from './apples';
