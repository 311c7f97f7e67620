#!/usr/bin/env node
// Fault injection: a run of `sluice migrate` is disturbed, then repeated until it is through. Afterwards catalog and data
// must be those of an undisturbed run, and each migration recorded once.
//
//   node tests/faults/run.mjs [--rounds N] [--only NAME] [--seed N]
//
// One round is every fault once; those that strike at a moment strike at another one in each round. Prints the totals.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { findSluice, freePort, query } from '../e2e/lib/server.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '1' },
    only: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 100000) },
  },
});
let state = Number(options.seed) + 1;
const random = () => (state = (state * 48271) % 2147483647) / 2147483647;

// ---- what is migrated: all kinds of steps, with data, and long enough to be hit in the middle
const migrations = {
  '0000_init': `CREATE TABLE a (id int PRIMARY KEY, n int, t text);--> statement-breakpoint
INSERT INTO a SELECT g, g % 7, 'row ' || g FROM generate_series(1, 2000) g;--> statement-breakpoint
CREATE TYPE mood AS ENUM ('sad');`,
  '0001_steps': `ALTER TABLE a ADD COLUMN note text;--> statement-breakpoint
UPDATE a SET note = 'n' || n;--> statement-breakpoint
CREATE INDEX CONCURRENTLY a_n_idx ON a (n);--> statement-breakpoint
CREATE UNIQUE INDEX CONCURRENTLY a_t_idx ON a (t);--> statement-breakpoint
INSERT INTO a VALUES (2001, 1, 'last', 'inserted once');`,
  '0002_mood': `ALTER TYPE mood ADD VALUE 'happy';--> statement-breakpoint
CREATE TABLE b (id int GENERATED ALWAYS AS IDENTITY, m mood DEFAULT 'happy');--> statement-breakpoint
INSERT INTO b (m) SELECT 'happy' FROM generate_series(1, 50);`,
  '0003_drop': `ALTER TABLE a DROP COLUMN note;--> statement-breakpoint
DROP INDEX CONCURRENTLY a_n_idx;--> statement-breakpoint
VACUUM a;--> statement-breakpoint
INSERT INTO b DEFAULT VALUES;`,
  '0004_plain': `CREATE TABLE c (at timestamptz DEFAULT '2026-01-01 00:00:00+00');--> statement-breakpoint
INSERT INTO c DEFAULT VALUES;`,
};
const tags = Object.keys(migrations);

const signature = `
  select 'column ' || attrelid::regclass || '.' || attname || ' ' || format_type(atttypid, atttypmod) || attnotnull from pg_attribute
    join pg_class on pg_class.oid = attrelid where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
  union all select 'index ' || pg_get_indexdef(indexrelid) || indisvalid from pg_index join pg_class on pg_class.oid = indrelid
    where relnamespace = 'public'::regnamespace
  union all select 'enum ' || enumtypid::regtype || ' ' || string_agg(enumlabel, ',' order by enumsortorder) from pg_enum group by enumtypid
  union all select 'a ' || count(*) || md5(string_agg(to_jsonb(a)::text, ',' order by id)) from a
  union all select 'b ' || count(*) || string_agg(distinct m::text, ',') from b -- numbers of a sequence have gaps after a rollback
  union all select 'c ' || count(*) from c
  union all select 'ledger ' || string_agg(name, ',' order by id) from drizzle.__drizzle_migrations
  union all select 'under way ' || count(*) from sluice.steps
  union all select 'kept ' || count(*) || ' ' || coalesce(sum(rows), 0) from sluice.kept
  order by 1`;

// ---- the server: one of its own, since it is killed
const sluice = findSluice();
const top = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-faults-'));
await fs.chmod(top, 0o755);
const port = await freePort();
const data = path.join(top, 'data');
const where = ['--port', String(port), '--data', data];
const db = (command, ...more) => execFileSync(sluice, ['db', command, ...where, ...more], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
db('start');
const admin = `postgresql://postgres:postgres@localhost:${port}/postgres`;
const work = path.join(top, 'work');
await fs.mkdir(path.join(work, 'drizzle/meta'), { recursive: true });
await fs.writeFile(path.join(work, 'drizzle.config.json'), JSON.stringify({ dialect: 'postgresql', schema: './schema.ts', out: './drizzle' }));
for (const [tag, text] of Object.entries(migrations)) await fs.writeFile(path.join(work, 'drizzle', `${tag}.sql`), text);
await fs.writeFile(path.join(work, 'drizzle/meta/_journal.json'), JSON.stringify({
  version: '7', dialect: 'postgresql',
  entries: tags.map((tag, idx) => ({ idx, version: '7', when: 1760000000000 + idx * 1000, tag, breakpoints: true })),
}));

let made = 0;
async function freshDatabase() {
  const name = `faults_${++made}`;
  await query(admin, `create database ${name}`);
  return { name, url: admin.replace(/postgres$/, name) };
}

function start(url, more = []) {
  const child = spawn(sluice, ['migrate', '--url', url, '--wait', '60', ...more], { cwd: work, stdio: ['ignore', 'pipe', 'pipe'] });
  const run = { child, text: '', code: null };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (run.text += text));
  run.done = new Promise((resolve) => child.on('close', (code, signal) => resolve((run.code = code ?? signal))));
  return run;
}

async function migrate(url, more) {
  const run = start(url, more);
  await run.done;
  return run;
}

const fingerprint = async (url) => (await query(url, signature)).map((row) => row[0]).join('\n');
const reference = await (async () => {
  const { url } = await freshDatabase();
  const begun = Date.now();
  const run = await migrate(url);
  if (run.code !== 0) throw new Error(`the undisturbed run failed\n${run.text}`);
  return { text: await fingerprint(url), milliseconds: Date.now() - begun };
})();

// Through the end, whatever was left; then everything must be as in the undisturbed run.
async function finishAndCompare(name, database) {
  for (let attempt = 0; ; attempt++) {
    const run = await migrate(database.url);
    if (run.code === 0) break;
    if (attempt === 5) throw new Error(`${name}: does not get through\n${run.text}`);
    await sleep(200);
  }
  const found = await fingerprint(database.url);
  if (found !== reference.text) throw new Error(`${name}: not as undisturbed\n--- undisturbed\n${reference.text}\n--- found\n${found}`);
  await query(admin, `drop database if exists ${database.name} with (force)`);
}

// Kills when the server has seen the n-th statement of the run: a proxy counts the messages from the client.
function proxy({ cutAfter, cut }) {
  let count = 0;
  const sockets = new Set();
  const server = net.createServer((client) => {
    const upstream = net.connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => { client.destroy(); upstream.destroy(); });
    }
    client.on('data', (chunk) => {
      if (count++ === cutAfter) { cut(chunk, upstream, client); return; }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => client.write(chunk));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve({
    url: (database) => database.url.replace(/@[^/]*\//, `@127.0.0.1:${server.address().port}/`),
    messages: () => count,
    close: () => { for (const socket of sockets) socket.destroy(); server.close(); },
  })));
}

const messages = await (async () => {
  const database = await freshDatabase();
  const counting = await proxy({ cutAfter: -1 });
  const run = await migrate(counting.url(database));
  if (run.code !== 0) throw new Error(run.text);
  counting.close();
  return counting.messages();
})();
// Round by round through all the places, in an order that reaches far ones soon.
const places = (round) => (round * 37) % messages;
const moment = () => random() * reference.milliseconds;

async function throughProxy(name, round, strike) {
  const database = await freshDatabase();
  let run;
  const between = await proxy({ cutAfter: places(round), cut: (chunk, upstream, client) => strike({ chunk, upstream, client, run }) });
  run = start(between.url(database));
  await run.done;
  between.close();
  await finishAndCompare(`${name}, message ${places(round)} of ${messages}`, database);
}

const faults = {
  'runner killed before a statement': (round) =>
    throughProxy('runner killed before a statement', round, ({ run }) => run.child.kill('SIGKILL')),
  'runner killed after a statement was sent': (round) =>
    throughProxy('runner killed after a statement was sent', round, ({ chunk, upstream, run }) => {
      upstream.write(chunk);
      run.child.kill('SIGKILL');
    }),
  'connection cut before a statement': (round) =>
    throughProxy('connection cut before a statement', round, ({ client }) => client.destroy()),
  'connection cut after a statement was sent': (round) =>
    throughProxy('connection cut after a statement was sent', round, ({ chunk, upstream, client }) =>
      upstream.write(chunk, () => setTimeout(() => client.destroy(), random() * 20))),
  async 'runner killed inside CREATE INDEX CONCURRENTLY'() {
    const database = await freshDatabase();
    const run = start(database.url);
    const holder = new pg.Client({ connectionString: database.url });
    await holder.connect();
    holder.on('error', () => {});
    // As soon as the table is there, somebody writes to it and does not end: the index waits for that.
    for (const end = Date.now() + 20000; Date.now() < end; ) {
      if (await holder.query('begin; insert into a values (-1, 0, null); select 1').then(() => true, () => holder.query('rollback').then(() => false))) break;
    }
    for (const end = Date.now() + 20000; Date.now() < end && run.code === null; await sleep(10))
      if ((await query(database.url, 'select 1 from pg_index where not indisvalid')).length) break;
    run.child.kill('SIGKILL');
    await run.done;
    await holder.query('rollback').catch(() => {});
    await holder.end();
    await finishAndCompare('runner killed inside CREATE INDEX CONCURRENTLY', database);
  },
  async 'runner killed at a moment'() {
    const database = await freshDatabase();
    const run = start(database.url);
    await sleep(moment());
    run.child.kill('SIGKILL');
    await run.done;
    await finishAndCompare('runner killed at a moment', database);
  },
  async 'runner interrupted (Ctrl-C) at a moment'() {
    const database = await freshDatabase();
    const run = start(database.url);
    await sleep(moment());
    run.child.kill('SIGINT');
    await run.done;
    await finishAndCompare('runner interrupted', database);
  },
  async 'backend terminated at a moment'() {
    const database = await freshDatabase();
    const run = start(database.url);
    await sleep(moment());
    await query(admin, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database.name}'`);
    await run.done;
    await finishAndCompare('backend terminated', database);
  },
  async 'server stopped at once (immediate) and started again'() {
    const database = await freshDatabase();
    const run = start(database.url);
    await sleep(moment());
    const postmaster = Number(JSON.parse(db('status', '--json')).pid);
    process.kill(postmaster, 'SIGQUIT'); // what pg_ctl stop -m immediate sends
    await run.done;
    for (const end = Date.now() + 30000; Date.now() < end; await sleep(100)) {
      try {
        process.kill(postmaster, 0);
      } catch {
        break;
      }
    }
    db('start');
    await finishAndCompare('server stopped', database);
  },
  async 'ten runners at once'() {
    const database = await freshDatabase();
    const runs = await Promise.all(Array.from({ length: 10 }, () => migrate(database.url)));
    const bad = runs.find((run) => run.code !== 0);
    if (bad) throw new Error(`ten runners: one ended with ${bad.code}\n${bad.text}`);
    await finishAndCompare('ten runners', database);
  },
  async 'ten runners at once, one of them killed'() {
    const database = await freshDatabase();
    const runs = Array.from({ length: 10 }, () => start(database.url));
    await sleep(moment());
    runs[Math.floor(random() * 10)].child.kill('SIGKILL');
    await Promise.all(runs.map((run) => run.done));
    await finishAndCompare('ten runners, one killed', database);
  },
  async 'hostile session settings'() {
    const database = await freshDatabase();
    for (const setting of ["timezone = 'Asia/Kathmandu'", 'standard_conforming_strings = off', "datestyle = 'SQL, DMY'",
      "search_path = 'pg_catalog, public'", "lock_timeout = '50ms'", "bytea_output = 'escape'", 'row_security = off',
      "default_transaction_isolation = 'serializable'", 'extra_float_digits = 0', "intervalstyle = 'iso_8601'"])
      await query(admin, `alter database ${database.name} set ${setting}`);
    await query(database.url, 'select 1');
    const begun = await migrate(database.url);
    // Names without a schema go where the search_path says: with pg_catalog first, PostgreSQL itself refuses.
    await query(admin, `alter database ${database.name} reset search_path`);
    if (begun.code === 0) throw new Error('a search_path without a schema for new tables was not noticed');
    await finishAndCompare('hostile session settings', database);
  },
  async 'read-only session'() {
    const database = await freshDatabase();
    await query(admin, `alter database ${database.name} set default_transaction_read_only = on`);
    const run = await migrate(database.url);
    if (run.code === 0 || !run.text.includes('read-only')) throw new Error(`read-only: ${run.text}`);
    await query(admin, `alter database ${database.name} reset default_transaction_read_only`);
    await finishAndCompare('read-only session', database);
  },
  async 'role without rights'() {
    const database = await freshDatabase();
    await query(admin, "do $$ begin create role faults_guest login password 'guest'; exception when duplicate_object then null; end $$");
    const run = await migrate(database.url.replace('postgres:postgres@', 'faults_guest:guest@'));
    if (run.code === 0 || !run.text.includes('42501')) throw new Error(`role without rights: ${run.text}`);
    await finishAndCompare('role without rights', database);
  },
  async 'a lock that others hold at moments'() {
    const database = await freshDatabase();
    const run = start(database.url, ['--lock-timeout', '0.05']);
    const other = new pg.Client({ connectionString: database.url });
    await other.connect();
    other.on('error', () => {});
    while (run.code === null) {
      await other.query('begin; select count(*) from a').catch(() => {});
      await sleep(random() * 150);
      await other.query('rollback').catch(() => {});
      await sleep(random() * 50);
    }
    await other.end();
    if (run.code !== 0) throw new Error(`locks of others: ${run.text}`);
    await finishAndCompare('locks of others', database);
  },
};

const totals = new Map();
let failed = 0;
const stop = async () => {
  try {
    db('stop');
  } catch {
    // it is down already
  }
  await fs.rm(top, { recursive: true, force: true });
};
process.once('SIGINT', () => stop().then(() => process.exit(130)));
for (let round = 0; round < Number(options.rounds); round++)
  for (const [name, fault] of Object.entries(faults)) {
    if (options.only && !name.includes(options.only)) continue;
    // Those that strike at a message are cheap and have many places.
    const times = name.includes('statement') ? 4 : 1;
    for (let i = 0; i < times; i++) {
      totals.set(name, (totals.get(name) ?? 0) + 1);
      try {
        await fault(round * times + i);
      } catch (error) {
        failed++;
        console.log(`not ok ${error.message}`);
      }
    }
  }
await stop();
const sum = [...totals.values()].reduce((a, b) => a + b, 0);
for (const [name, count] of totals) console.log(`${String(count).padStart(5)}  ${name}`);
console.log(`${String(sum).padStart(5)}  faults, ${sum - failed} recovered with catalog, data and ledger as undisturbed, ${failed} not (seed ${options.seed})`);
if (failed || sum === 0) process.exitCode = 1;
