export * from './deep';
export { cages } from '../zoo';
