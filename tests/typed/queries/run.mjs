// The same queries by drizzle-orm and by the C++ library, on the same rows: equal results.
//
//   SLUICE=build/dev/sluice node tests/typed/queries/run.mjs SCHEMA_PROGRAM QUERY_PROGRAM [part of a title]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findSluice, query, Server } from '../../e2e/lib/server.mjs';
import { readCases } from './read.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const [schemaProgram, queryProgram, only] = process.argv.slice(2).map((arg, i) => (i < 2 ? path.resolve(arg) : arg));
const cases = readCases(readFileSync(path.join(here, 'cases.txt'), 'utf8'));
const require = createRequire(import.meta.url);
const pg = require('pg');

// Rows as lists of values, as the C++ side prints them.
function plain(value) {
  if (value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === 'object') {
    const values = Object.values(value).map(plain);
    return values;
  }
  return value;
}
// A row of one value is that value.
const single = (rows) => (Array.isArray(rows) ? rows.map((row) => (Array.isArray(row) && row.length === 1 ? row[0] : row)) : rows);

// drizzle-orm brings relations as JSON, in which 30.50 becomes 30.5.
const trimmed = (text) => text.replace(/"(-?\d+)\.(\d*?)0*"/g, (_, whole, rest) => `"${whole}${rest ? `.${rest}` : ''}"`);

const server = await Server.start();
// Beside this file, so that the module finds drizzle-orm.
const directory = mkdtempSync(path.join(here, '.run-'));
try {
  const { url } = await server.createDatabase();
  const pushed = spawnSync(findSluice(), ['push', '--dialect', 'postgresql', '--schema', `cpp:${schemaProgram}`, '--url', url], { cwd: directory, encoding: 'utf8' });
  if (pushed.status !== 0) throw new Error(pushed.stdout + pushed.stderr);
  await query(url, readFileSync(path.join(here, 'seed.sql'), 'utf8'));

  const ran = spawnSync(queryProgram, [url], { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (ran.status !== 0) throw new Error(`the query program ends with ${ran.status ?? ran.signal}\n${ran.stderr}`);
  const answers = ran.stdout.trimEnd().split('\n');

  const file = path.join(directory, 'cases.mjs');
  writeFileSync(
    file,
    `import * as orm from 'drizzle-orm';
import { alias, union, unionAll, intersect, except } from 'drizzle-orm/pg-core';
import { users, tutors, sessions, invoices, rooms, bookings } from '../schema.mjs';
const { eq, ne, gt, gte, lt, lte, and, or, not, isNull, isNotNull, inArray, notInArray, like, notLike, ilike, notIlike, between, notBetween, exists, notExists, asc, desc, count, countDistinct, sum, avg, min, max, sql, arrayContains, arrayContained, arrayOverlaps, getTableColumns } = orm;
const mentor = alias(tutors, 'mentor');
const id = (kind, n) => kind + '0000000-0000-4000-8000-' + String(n).padStart(12, '0');
const user = (n) => id('0', n), tutor = (n) => id('1', n), session = (n) => id('2', n);
const at = (day, hour) => new Date(Date.UTC(2026, 0, day, hour));
export const cases = [
${cases.map(({ ts }) => `async (db) => { ${/^(const|let|return|await)\b/.test(ts) ? ts : `return await ${ts}`} },`).join('\n')}
];
`,
  );
  const { cases: functions } = await import(pathToFileURL(file).href);
  const schema = await import('./schema.mjs');
  const { drizzle } = await import('drizzle-orm/node-postgres');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const db = drizzle(client, { schema });
  let failed = 0;
  for (const [i, { title }] of cases.entries()) {
    if (only && !title.includes(only)) continue;
    await client.query('BEGIN');
    let expected;
    try {
      expected = JSON.stringify(single(plain(await functions[i](db))));
    } catch (error) {
      const cause = error.cause ?? error;
      expected = JSON.stringify(cause.code ? `error ${cause.code} ${cause.constraint ?? ''}` : `error: ${error.message}`);
    }
    await client.query('ROLLBACK');
    let found = JSON.stringify(single(JSON.parse(answers[i])));
    if (title.startsWith('relations')) [found, expected] = [trimmed(found), trimmed(expected)];
    if (found === expected) continue;
    failed++;
    console.error(`${title}:\n  drizzle-orm: ${expected}\n  C++:         ${found}\n`);
  }
  await client.end();
  console.log(`${cases.length - failed} of ${cases.length} queries give the same`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
  await server.stop();
}
