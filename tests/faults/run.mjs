#!/usr/bin/env node
// Fault injection: a run of `sluice migrate` is disturbed, then repeated until it is through. Afterwards catalog and data
// must be those of an undisturbed run, and each migration recorded once.
//
//   node tests/faults/run.mjs [--rounds N] [--only NAME] [--seed N] [--everywhere]
//
// One round is every fault once; those that strike at a moment strike at another one in each round; --everywhere strikes
// before and after every single message to the server. Prints the totals.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
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
    everywhere: { type: 'boolean' },
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
async function makeFolder(name, files) {
  const work = path.join(top, name);
  await fs.mkdir(path.join(work, 'drizzle/meta'), { recursive: true });
  await fs.writeFile(path.join(work, 'drizzle.config.json'), JSON.stringify({ dialect: 'postgresql', schema: './schema.ts', out: './drizzle' }));
  for (const [tag, text] of Object.entries(files)) await fs.writeFile(path.join(work, 'drizzle', `${tag}.sql`), text);
  await fs.writeFile(path.join(work, 'drizzle/meta/_journal.json'), JSON.stringify({
    version: '7', dialect: 'postgresql',
    entries: Object.keys(files).map((tag, idx) => ({ idx, version: '7', when: 1760000000000 + idx * 1000, tag, breakpoints: true })),
  }));
  return work;
}
const work = await makeFolder('work', migrations);
// The same, as far as it goes without statements outside of transactions: what a pooler in transaction mode lets through.
const pooledWork = await makeFolder('pooled', Object.fromEntries(Object.entries(migrations).map(([tag, text]) =>
  [tag, text.replace(/(INDEX) CONCURRENTLY/g, '$1').replace('VACUUM a;', 'SELECT 1;')])));
const failingWork = await makeFolder('failing', { '0000_init': 'SELECT 1/0;' });

let made = 0;
async function freshDatabase() {
  const name = `faults_${++made}`;
  await query(admin, `create database ${name}`);
  return { name, url: admin.replace(/postgres$/, name) };
}

function start(url, more = [], { cwd = work, env } = {}) {
  const child = spawn(sluice, ['migrate', '--url', url, '--wait', '60', ...more], { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const run = { child, text: '', code: null };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (run.text += text));
  run.done = new Promise((resolve) => child.on('close', (code, signal) => resolve((run.code = code ?? signal))));
  return run;
}

async function migrate(url, more, where) {
  const run = start(url, more, where);
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

// ---- what other programs are needed for some faults; the server's processes run as its data's owner
const owner = (await fs.stat(path.join(data, 'data'))).uid;
const asOwner = process.getuid() === 0 ? { uid: owner } : {};
const firstOf = (...files) => files.find((file) => existsSync(file)) ?? (() => { throw new Error(`not installed: ${files[0]} (tools/setup)`); })();
const running = new Set();
function background(command, args, more = {}) {
  const child = spawn(command, args, { stdio: 'ignore', cwd: '/', ...asOwner, ...more });
  running.add(child);
  child.on('exit', () => running.delete(child));
  return child;
}
async function ended(child, signal) {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  if (child.exitCode === null && child.signalCode === null) {
    child.kill(signal);
    await gone;
  }
}
async function answering(url, sql = 'select 1') {
  for (const end = Date.now() + 30000; ; await sleep(30)) {
    const rows = await query(url, sql).catch(() => []);
    if (rows.length) return rows;
    if (Date.now() > end) throw new Error(`no answer from ${url} to: ${sql}`);
  }
}

// PgBouncer in front of the server, in one of its modes, for the time of `body`.
async function throughPgBouncer(mode, body) {
  const directory = await fs.mkdtemp(path.join(top, 'pgbouncer-'));
  if (asOwner.uid !== undefined) await fs.chown(directory, owner, -1);
  const at = await freePort();
  await fs.writeFile(path.join(directory, 'pgbouncer.ini'), `[databases]
* = host=127.0.0.1 port=${port} user=postgres password=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${at}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
default_pool_size = 40
ignore_startup_parameters = extra_float_digits,options
`);
  const child = background(firstOf('/usr/sbin/pgbouncer'), [path.join(directory, 'pgbouncer.ini')]);
  try {
    const through = (database) => database.url.replace(/@[^/]*\//, `@127.0.0.1:${at}/`);
    const database = await freshDatabase();
    await answering(through(database));
    await body(database, through(database));
  } finally {
    await ended(child, 'SIGKILL');
  }
}

// A table's file becomes the device on which the kernel says ENOSPC to every write; gives what undoes it. It works where
// nobody may mount a small file system.
async function diskFull(database, table) {
  const [[file]] = await query(database.url, `select pg_relation_filepath('${table}')`);
  const at = path.join(data, 'data', file);
  if ((await fs.stat(at)).size !== 0) throw new Error(`${table} is not empty`);
  await fs.rename(at, `${at}.away`);
  await fs.symlink('/dev/full', at);
  return async () => {
    await fs.rm(at);
    await fs.rename(`${at}.away`, at);
  };
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

// The pooled folder leads to the same, but for what only the other one leaves behind.
const pooledReference = async () => {
  const { url } = await freshDatabase();
  const run = await migrate(url, [], { cwd: pooledWork });
  if (run.code !== 0) throw new Error(run.text);
  return await fingerprint(url);
};
let pooledText;

async function streamingStandby(database) {
  const bin = firstOf('/usr/lib/postgresql/15/bin/postgres', ...[18, 17, 16, 14, 13].map((v) => `/usr/lib/postgresql/${v}/bin/postgres`));
  const directory = await fs.mkdtemp(path.join(top, 'standby-'));
  if (asOwner.uid !== undefined) await fs.chown(directory, owner, -1);
  await fs.chmod(directory, 0o700);
  const socket = path.join(data, 'run');
  execFileSync(path.join(path.dirname(bin), 'pg_basebackup'), ['-h', socket, '-p', String(port), '-U', 'postgres', '-D', directory, '-R', '-c', 'fast', '--no-sync'], { ...asOwner, cwd: '/', stdio: 'pipe' });
  const at = await freePort();
  const child = background(bin, ['-D', directory, '-p', String(at), '-c', 'listen_addresses=localhost', '-c', 'unix_socket_directories=', '-c', 'archive_mode=off']);
  const url = database.url.replace(/:\d+\//, `:${at}/`);
  await answering(url);
  return { child, url, directory };
}

const faults = {
  async 'a standby as target, and a failover to it'() {
    const database = await freshDatabase();
    const standby = await streamingStandby(database);
    try {
      const refused = await migrate(standby.url);
      if (refused.code === 0 || !/standby|read-only/.test(refused.text)) throw new Error(`a standby was not refused\n${refused.text}`);
      // Half of the folder on the primary; then the standby takes over while the other half runs.
      const run = await migrate(database.url, ['--to', '0001']);
      if (run.code !== 0) throw new Error(run.text);
      await answering(standby.url, "select 1 from drizzle.__drizzle_migrations where name = '0001_steps'");
      const rest = start(database.url);
      await sleep(moment() / 2);
      await query(standby.url, 'select pg_promote()');
      await rest.done;
      await answering(standby.url, "select 1 where not pg_is_in_recovery()");
      const there = await migrate(standby.url);
      if (there.code !== 0) throw new Error(`on the promoted standby\n${there.text}`);
      const found = await fingerprint(standby.url);
      if (found !== reference.text) throw new Error(`the promoted standby is not as undisturbed\n${reference.text}\n--- found\n${found}`);
    } finally {
      await ended(standby.child, 'SIGQUIT');
    }
    await finishAndCompare('a standby as target', database);
  },
  async 'disk full when the ledger is written'() {
    const database = await freshDatabase();
    await migrate(database.url, [], { cwd: failingWork });
    const mend = await diskFull(database, 'drizzle.__drizzle_migrations');
    const run = await migrate(database.url);
    const left = await query(database.url, "select to_regclass('a')");
    await mend();
    if (run.code !== 1 || !run.text.includes('No space left on device')) throw new Error(`disk full was not told\n${run.text}`);
    if (left[0][0] !== null) throw new Error('a migration took effect without its row in the ledger');
    await finishAndCompare('disk full when the ledger is written', database);
  },
  async 'disk full when a step is noted'() {
    const database = await freshDatabase();
    await migrate(database.url, [], { cwd: failingWork });
    const mend = await diskFull(database, 'sluice.steps');
    const run = await migrate(database.url);
    const left = await query(database.url, "select count(*) from pg_attribute where attrelid = 'a'::regclass and attname = 'note'");
    await mend();
    if (run.code !== 1 || !run.text.includes('No space left on device')) throw new Error(`disk full was not told\n${run.text}`);
    if (left[0][0] !== '0') throw new Error('a step took effect without its note');
    await finishAndCompare('disk full when a step is noted', database);
  },
  // The runner's and the server's clock, one far off and jumping back while it runs.
  async 'a clock that jumps'(round) {
    const faketime = firstOf('/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1', '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1');
    const clock = path.join(top, `clock-${round}`);
    await fs.writeFile(clock, '+400d');
    await fs.chmod(clock, 0o644);
    const env = { LD_PRELOAD: faketime, FAKETIME_TIMESTAMP_FILE: clock, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1' };
    const database = await freshDatabase();
    db('stop');
    execFileSync(sluice, ['db', 'start', ...where], { env: { ...process.env, ...env }, stdio: 'ignore' });
    try {
      const [[year]] = await query(admin, 'select extract(year from now())');
      if (Number(year) === new Date().getFullYear()) throw new Error('the server does not see the false clock');
      const run = start(database.url, [], { env });
      await sleep(moment());
      await fs.writeFile(clock, '-400d');
      await run.done;
      await sleep(50);
      const again = await migrate(database.url, [], { env });
      if (run.code !== 0 || again.code !== 0) throw new Error(`a clock that jumps: ${run.text}${again.text}`);
    } finally {
      db('stop');
      db('start');
    }
    await finishAndCompare('a clock that jumps', database);
  },
  async 'ten runners through PgBouncer, in both modes, one killed'() {
    pooledText ??= await pooledReference();
    for (const mode of ['session', 'transaction'])
      await throughPgBouncer(mode, async (database, url) => {
        const refused = await migrate(url, ['--to', '1']);
        if (refused.code !== 1 || !refused.text.includes('Use the URL of the database itself')) throw new Error(`CONCURRENTLY was not refused\n${refused.text}`);
        // From nothing, the tables of the ledger too: ten runners make them at once.
        await query(database.url, 'drop schema public, drizzle, sluice cascade; create schema public');
        const runs = Array.from({ length: 10 }, () => start(url, [], { cwd: pooledWork }));
        await sleep(moment());
        runs[Math.floor(random() * 10)].child.kill('SIGKILL');
        await Promise.all(runs.map((run) => run.done));
        const bad = runs.find((run) => run.code !== 0 && run.code !== 'SIGKILL');
        if (bad) throw new Error(`PgBouncer in ${mode} mode: one ended with ${bad.code}\n${bad.text}`);
        const last = await migrate(url, [], { cwd: pooledWork });
        if (last.code !== 0) throw new Error(last.text);
        const found = await fingerprint(database.url);
        if (found !== pooledText) throw new Error(`PgBouncer in ${mode} mode: not as undisturbed\n--- undisturbed\n${pooledText}\n--- found\n${found}`);
      });
  },
  async 'PgBouncer killed at a moment'() {
    for (const mode of ['session', 'transaction'])
      await throughPgBouncer(mode, async (database, url) => {
        const run = start(url, [], { cwd: pooledWork });
        await sleep(moment());
        for (const child of running) child.kill('SIGKILL');
        await run.done;
        const last = await migrate(database.url, [], { cwd: pooledWork });
        if (last.code !== 0) throw new Error(last.text);
        pooledText ??= await pooledReference();
        const found = await fingerprint(database.url);
        if (found !== pooledText) throw new Error(`PgBouncer killed: not as undisturbed\n${pooledText}\n--- found\n${found}`);
      });
  },
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
  for (const child of running) child.kill('SIGKILL');
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
    const times = !name.includes('statement') ? 1 : options.everywhere ? messages : 4;
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
const verdict = failed ? `${failed} did not recover` : 'nothing lost: catalog, data and ledger as undisturbed, each migration recorded once';
console.log(`${String(sum).padStart(5)}  faults tried, ${verdict} (${messages} messages a run, seed ${options.seed})`);
if (failed || sum === 0) process.exitCode = 1;
