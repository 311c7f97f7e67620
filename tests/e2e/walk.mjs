#!/usr/bin/env node
// The handbook's walk in a clean copy of examples/tutoring: a local server, the migrations so far, a required column,
// its migration, vitest with real drizzle-orm, and drizzle-orm's migrate() before and after.
//
//   node tests/e2e/walk.mjs          a test: free port, one line per step
//   node tests/e2e/walk.mjs --show   for people (tools/demo): port 54322 if it is free, commands and their output
//
// What it starts it stops, and it leaves nothing behind but build/pnpm-store, which saves the next run the downloads.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { findSluice, freePort, query, root } from './lib/server.mjs';

const show = process.argv.includes('--show');
const began = Date.now();
const top = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-walk-'));
const workspace = path.join(top, 'tutoring');
const database = path.join(workspace, 'packages/database');
const migrations = path.join(database, 'src/migrations');

async function isFree(port) {
  return await new Promise((resolve) => {
    const listener = net.createServer().once('error', () => resolve(false));
    listener.listen(port, '127.0.0.1', () => listener.close(() => resolve(true)));
  });
}

const port = show && (await isFree(54322)) ? 54322 : await freePort();
const portFlag = port === 54322 ? '' : ` --port ${port}`;
const url = `postgresql://postgres:postgres@localhost:${port}/postgres`;
const env = {
  ...process.env,
  PATH: `${path.join(top, 'bin')}:${process.env.PATH}`,
  XDG_DATA_HOME: path.join(top, 'data'),
  XDG_CACHE_HOME: path.join(top, 'cache'),
  XDG_STATE_HOME: path.join(top, 'state'),
  npm_config_store_dir: path.join(root, 'build/pnpm-store'),
  npm_config_update_notifier: 'false',
  NO_UPDATE_NOTIFIER: '1',
  NO_COLOR: '1', // the commands write to a pipe, but some colour for CI=1 alone
};
delete env.DATABASE_URL;
delete env.FORCE_COLOR;
if (portFlag) env.DATABASE_URL = url;

const paint = (code, text) =>
  process.stdout.isTTY && !process.env.NO_COLOR ? text.replace(/[^\n]+/g, (line) => `\x1b[${code}m${line}\x1b[0m`) : text;

class Failure extends Error {}

// Runs a command as a person would type it and checks what it says.
async function type(command, { exit = 0, has = [], lacks = [], env: more = {} } = {}) {
  const assignments = Object.entries(more).map(([name, value]) => `${name}=${value} `);
  if (show) console.log(paint(1, `\n$ ${assignments.join('')}${command}`));
  const child = spawn('/bin/sh', ['-c', command], {
    cwd: workspace,
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
      if (show) process.stdout.write(text);
    });
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== exit) throw new Failure(`$ ${command}\n  expected exit ${exit}, got ${code}\n${output}`);
  for (const text of has) if (!output.includes(text)) throw new Failure(`$ ${command}\n  lacks '${text}'\n${output}`);
  for (const text of lacks) if (output.includes(text)) throw new Failure(`$ ${command}\n  has '${text}'\n${output}`);
  return output;
}

function expectEqual(what, found, wanted) {
  if (JSON.stringify(found) !== JSON.stringify(wanted))
    throw new Failure(`${what}: ${JSON.stringify(found)}, expected ${JSON.stringify(wanted)}`);
}

let steps = 0;
async function step(title, body) {
  steps++;
  if (show) console.log(paint(32, `\n── ${steps}. ${title}`));
  const start = Date.now();
  await body();
  if (!show) console.log(`ok ${steps} ${title} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
}

const db = 'pnpm --filter @repo/database';
const drizzleMigrate = `${db} exec node migrate-with-drizzle-orm.mjs`;
const ledger = '__drizzle_migrations public';
let started = false;

async function prepare() {
  await fs.chmod(top, 0o755); // `db start` as root runs the server as another user
  await fs.mkdir(path.join(top, 'bin'));
  await fs.symlink(findSluice(), path.join(top, 'bin/sluice'));
  const pnpm = path.join(root, 'tests/node_modules/.bin/pnpm');
  await fs.access(pnpm).then(
    () => fs.symlink(pnpm, path.join(top, 'bin/pnpm')),
    () => console.log('# pnpm is not in tests/node_modules (npm ci in tests/): taking the one on the PATH'),
  );
  await fs.cp(path.join(root, 'examples/tutoring'), workspace, {
    recursive: true,
    filter: (source) => path.basename(source) !== 'node_modules',
  });
  await fs.copyFile(path.join(root, 'tests/e2e/lib/drizzle-migrate.mjs'), path.join(database, 'migrate-with-drizzle-orm.mjs'));
  await fs.cp(migrations, path.join(database, 'first-three'), { recursive: true });
}

async function walk() {
  await step('the workspace of a team, with its first three migrations by drizzle-kit', async () => {
    await type('pnpm install --frozen-lockfile --prefer-offline --reporter=append-only', { has: ['Done in'] });
  });

  await step('a local PostgreSQL, without Docker', async () => {
    started = true;
    await type(`sluice db start${portFlag}`, { has: [url] });
    await type(`psql ${url} -c 'select version()'`, { has: ['PostgreSQL'] });
  });

  await step('the migrations so far', async () => {
    await type(`${db} db:migrate`, {
      has: [
        '✔ Applying migration: 0000_init.sql',
        '✔ Applying migration: 0001_add_reviews_and_billing.sql',
        '✔ Applying migration: 0002_add_mode_and_notes_to_sessions.sql',
        '✔ Migration applied successfully',
      ],
    });
    await type(`${db} db:seed`);
    await type(`${db} test`, { has: ['2 passed'] });
  });

  await step('sessions get a duration: a required column, and the table has rows', async () => {
    await type('cp walk/sessions.ts packages/database/src/schema/');
    await type('cp walk/sessions.duration.test.ts packages/database/src/__tests__/');
    await type(`${db} db:generate`, { exit: 1, has: ['--backfill sessions.duration_minutes='] });
    await type(`${db} db:generate --backfill sessions.duration_minutes=60`, {
      has: ['✔ Generated migration: 0003_add_duration_to_sessions.sql'],
    });
    await type('cat packages/database/src/migrations/0003_add_duration_to_sessions.sql');
    const text = await fs.readFile(path.join(migrations, '0003_add_duration_to_sessions.sql'), 'utf8');
    if (!/^-- Migration: 0003_add_duration_to_sessions\n-- Created: \d{4}-\d\d-\d\d\n/.test(text))
      throw new Failure(`the file does not begin as the handbook says:\n${text}`);
    await type('cat packages/database/src/migrations/0003_add_duration_to_sessions.down.sql', {
      has: ['DROP COLUMN "duration_minutes"'],
    });
  });

  await step('again: nothing to generate', async () => {
    await type(`${db} db:generate`, { has: ['No schema changes detected'] });
    await type(`${db} db:generate --force`, { has: ['No schema changes detected'] });
    expectEqual('files', (await fs.readdir(migrations)).filter((name) => /^0004/.test(name)), []);
  });

  await step('pending, applied, when and how long', async () => {
    await type(`${db} db:status`, { has: ['0003_add_duration_to_sessions', 'pending'] });
    const sessions = await query(url, 'select count(*) from sessions');
    if (sessions[0][0] === '0') throw new Failure('the seed left no sessions to give a duration to');
    await type(`${db} db:migrate`, {
      has: ['✔ Applying migration: 0003_add_duration_to_sessions.sql', '✔ Migration applied successfully'],
      lacks: ['0002_add_mode_and_notes_to_sessions.sql'],
    });
    await type(`${db} db:status`, { has: ['0003_add_duration_to_sessions', '4 applied, 0 pending'] });
    const status = JSON.parse(await type(`pnpm --silent --filter @repo/database db:status --json`));
    expectEqual(
      'states',
      status.migrations.map(({ state }) => state),
      ['applied', 'applied', 'applied', 'applied'],
    );
    expectEqual('durations', await query(url, 'select distinct duration_minutes from sessions'), [['60']]);
    expectEqual(
      'the column',
      await query(
        url,
        `select is_nullable, column_default from information_schema.columns
         where table_name = 'sessions' and column_name = 'duration_minutes'`,
      ),
      [['NO', null]],
    );
  });

  await step('vitest with real drizzle-orm', async () => {
    await type(`${db} test`, { has: ['3 passed'] });
    await type(`${db} db:seed`);
  });

  await step("drizzle-orm's migrate() and drizzle-kit find nothing to do", async () => {
    await type(`${drizzleMigrate} src/migrations ${ledger}`, { env: { DATABASE_URL: url } });
    expectEqual('rows of the ledger', await query(url, 'select count(*) from __drizzle_migrations'), [['4']]);
    await type(`${db} exec drizzle-kit generate`, { has: ['No schema changes'] });
  });

  await step("a database that drizzle-orm's migrate() made is understood and continued", async () => {
    await query(url, 'create database other');
    const other = { DATABASE_URL: url.replace(/postgres$/, 'other') };
    await type(`${drizzleMigrate} first-three ${ledger}`, { env: other });
    await type(`${db} db:status`, { env: other, has: ['0003_add_duration_to_sessions', 'pending'] });
    await type(`${db} db:migrate`, {
      env: other,
      has: ['✔ Applying migration: 0003_add_duration_to_sessions.sql'],
      lacks: ['Applying migration: 0002'],
    });
    await type(`${drizzleMigrate} src/migrations ${ledger}`, { env: other });
    expectEqual(
      'rows of its ledger',
      await query(other.DATABASE_URL, 'select count(*) from __drizzle_migrations'),
      [['4']],
    );
  });

  await step('the server stops', async () => {
    await type(`sluice db stop${portFlag}`);
    started = false;
  });
}

async function clean() {
  if (started) spawnSync('/bin/sh', ['-c', `sluice db stop${portFlag}`], { cwd: workspace, env, stdio: 'ignore' });
  await fs.rm(top, { recursive: true, force: true });
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => clean().then(() => process.exit(130)));

try {
  await prepare();
  await walk();
  const seconds = ((Date.now() - began) / 1000).toFixed(0);
  console.log(show ? `\nThe whole walk took ${seconds} s; nothing of it is left.` : `${steps} passed, 0 failed`);
} catch (error) {
  console.error(`${show ? '\n' : `not ok ${steps}\n`}${error instanceof Failure ? error.message : error.stack}`);
  if (!show) console.log(`${steps - 1} passed, 1 failed`);
  process.exitCode = 1;
} finally {
  await clean();
}
