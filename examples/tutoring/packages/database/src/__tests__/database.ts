/**
 * Each test file has a database of its own: migrated, seeded, and gone afterwards. `sluice db fork` copies it from a
 * template that it makes once for each state of migrations and seed. vitest runs this before the test file imports
 * anything.
 */
import { execFileSync } from 'node:child_process';

const url = execFileSync('sluice', ['db', 'fork'], { encoding: 'utf8' }).trim();
process.env.DATABASE_URL = url;

// Hooks run in reverse order: the test file's own `afterAll` has ended the pool before.
afterAll(() => {
  execFileSync('sluice', ['db', 'fork', '--drop', url]);
});
