#!/usr/bin/env node
// Seven things that go wrong when migrations are run, tried with Sluice, drizzle-kit, dbmate and node-pg-migrate in one
// go on one server. Prints the table of docs/reliability.md.
//
//   npm ci --ignore-scripts --prefix bench/runners && node bench/runners/run.mjs [--only TOOL]
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';

const { values: options } = parseArgs({ options: { only: { type: 'string' } } });
const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');
const sluice = process.env.SLUICE ?? path.join(root, 'build/release/sluice');
const top = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-runners-'));
await fs.chmod(top, 0o755);
const port = 54390 + Math.floor(Math.random() * 100);
const where = ['--port', String(port), '--data', path.join(top, 'server')];
const started = spawnSync(sluice, ['db', 'start', ...where], { encoding: 'utf8' });
if (started.status !== 0) throw new Error(started.stderr);
const admin = `postgresql://postgres:postgres@localhost:${port}/postgres`;

async function query(url, sql) {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    const result = await client.query({ text: sql, rowMode: 'array' });
    return (Array.isArray(result) ? result.at(-1) : result).rows;
  } finally {
    await client.end();
  }
}
const one = async (url, sql) => (await query(url, sql))[0]?.[0];
const bin = (name) => path.join(here, 'node_modules', name);

// ---- a folder in each tool's own form; `files` are [name, SQL], in the order of their names
const drizzle = (command) => ({
  async write(directory, files) {
    await fs.mkdir(path.join(directory, 'drizzle/meta'), { recursive: true });
    await fs.writeFile(path.join(directory, 'drizzle.config.json'), JSON.stringify({ dialect: 'postgresql', out: './drizzle', dbCredentials: { url: (await fs.readFile(path.join(directory, 'url'), 'utf8')) } }));
    for (const [name, sql] of files) await fs.writeFile(path.join(directory, 'drizzle', `${name}.sql`), sql.join('\n--> statement-breakpoint\n'));
    const entries = files.map(([tag], idx) => ({ idx, version: '7', when: 1760000000000 + Number(tag.slice(0, 4)) * 1000, tag, breakpoints: true }));
    await fs.writeFile(path.join(directory, 'drizzle/meta/_journal.json'), JSON.stringify({ version: '7', dialect: 'postgresql', entries }));
  },
  command,
});
const plain = (header, footer, command) => ({
  async write(directory, files) {
    await fs.rm(path.join(directory, 'migrations'), { recursive: true, force: true });
    await fs.mkdir(path.join(directory, 'migrations'), { recursive: true });
    for (const [name, sql] of files) await fs.writeFile(path.join(directory, 'migrations', `2026010100${name}.sql`), `${header}\n${sql.join(';\n')};\n${footer}\n`);
  },
  command,
});
const tools = {
  Sluice: drizzle(() => [sluice, ['migrate']]),
  'drizzle-kit 0.31.11': drizzle(() => [bin('.bin/drizzle-kit'), ['migrate', '--config=drizzle.config.json']]),
  'dbmate 2.36.0': plain('-- migrate:up', '-- migrate:down', (url) => [bin('@dbmate/linux-x64/bin/dbmate'), ['--url', `${url}?sslmode=disable`, '-d', './migrations', '--no-dump-schema', 'up']]),
  'node-pg-migrate 7.9.1': plain('-- Up Migration', '', () => [bin('.bin/node-pg-migrate'), ['up', '-m', 'migrations']]),
};

let made = 0;
async function project(tool, files) {
  const name = `p${++made}`;
  await query(admin, `create database ${name}`);
  const url = admin.replace(/postgres$/, name), directory = path.join(top, name);
  await fs.mkdir(directory);
  await fs.writeFile(path.join(directory, 'url'), url);
  await fs.symlink(bin(''), path.join(directory, 'node_modules'));
  await tool.write(directory, files);
  const start = () => {
    const [command, args] = tool.command(url);
    const child = spawn(command, args, { cwd: directory, env: { ...process.env, DATABASE_URL: url, NO_COLOR: '1' }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const run = { child, text: '', code: null, kill: () => { if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL'); } };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (run.text += text));
    run.done = new Promise((resolve) => child.on('close', (code, signal) => resolve((run.code = code ?? signal))));
    return run;
  };
  const run = async () => {
    const it = start();
    await it.done;
    return it;
  };
  return { url, start, run, write: (more) => tool.write(directory, more), table: async (table) => (await one(url, `select to_regclass('${table}')`)) !== null };
}

const init = ['0000_init', ['CREATE TABLE t (id int PRIMARY KEY, v int)', 'INSERT INTO t SELECT g, g FROM generate_series(1, 1000) g']];
const reason = (run) => {
  const lines = run.text.split('\n').filter((text) => !/^\s+at /.test(text) && !/^\s*(CREATE|ALTER|INSERT|SELECT)\b/.test(text));
  const line = [/cannot|already exist|duplicate|unsafe|order|another migration|older|dated/i, /error: |error/i].map((sign) => lines.find((text) => sign.test(text))).find(Boolean);
  return line ? `"${line.replace(/\s+/g, ' ').replace(/^.*?(error|Error): /, '').trim().replace(/^(.{56}).{4,}$/, '$1 …')}"` : 'no error text';
};
const quiet = async (url) => {
  for (const end = Date.now() + 20000; Date.now() < end; await sleep(50))
    if ((await one(url, "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")) === '0') return;
};

const experiments = {
  async 'CREATE INDEX CONCURRENTLY in a file'(tool) {
    const it = await project(tool, [init, ['0001_index', ['CREATE INDEX CONCURRENTLY t_v_idx ON t (v)']]]);
    const run = await it.run();
    const valid = await one(it.url, "select indisvalid from pg_index where indexrelid = to_regclass('t_v_idx')");
    return run.code === 0 && valid ? 'runs' : `fails: ${reason(run)}`;
  },
  async 'an enum value, used by the next file'(tool) {
    const it = await project(tool, [['0000_init', ["CREATE TYPE mood AS ENUM ('sad')"]], ['0001_value', ["ALTER TYPE mood ADD VALUE 'happy'"]], ['0002_use', ["CREATE TABLE u (m mood DEFAULT 'happy')"]]]);
    const run = await it.run();
    return run.code === 0 && (await it.table('u')) ? 'runs' : `fails: ${reason(run)}`;
  },
  async 'SIGKILL in the middle of the second file'(tool) {
    const it = await project(tool, [init, ['0001_slow', ['CREATE TABLE t2 (id int)', 'SELECT pg_sleep(1.5)', 'INSERT INTO t2 VALUES (1)']]]);
    const run = it.start();
    for (const end = Date.now() + 20000; Date.now() < end && run.code === null; await sleep(20))
      if ((await one(it.url, "select count(*) from pg_stat_activity where query like '%pg_sleep%' and state = 'active' and pid <> pg_backend_pid()")) !== '0') break;
    run.kill();
    await run.done;
    await quiet(it.url);
    const first = (await it.table('t')) ? 'first file kept' : 'first file lost';
    const second = (await it.table('t2')) ? 'second ran to its end in the server' : 'second rolled back';
    const again = await it.run();
    const right = again.code === 0 && (await one(it.url, 'select count(*) from t2').catch(() => '0')) === '1';
    return `${first}, ${second}; next run ${right ? 'goes through' : `fails: ${reason(again)}`}`;
  },
  async 'two runners at once'(tool) {
    const it = await project(tool, [init, ['0001_slow', ['CREATE TABLE t2 (id int)', 'SELECT pg_sleep(0.5)']]]);
    const runs = [it.start(), it.start()];
    await Promise.all(runs.map((run) => run.done));
    const bad = runs.find((run) => run.code !== 0);
    return bad ? `one fails: ${reason(bad)}` : 'both end well';
  },
  // Readers come every 100 ms. The longest wait of one of them is what users feel.
  async 'ALTER TABLE behind a reader of 8 s'(tool) {
    const it = await project(tool, [init]);
    await it.run();
    await it.write([init, ['0001_alter', ['ALTER TABLE t ADD COLUMN w int']]]);
    const holder = new pg.Client({ connectionString: it.url });
    await holder.connect();
    await holder.query('begin; select count(*) from t');
    const run = it.start();
    let longest = 0;
    const readers = [];
    for (const end = Date.now() + 8000; Date.now() < end; await sleep(100)) {
      const begun = Date.now();
      readers.push(query(it.url, 'select count(*) from t').then(() => (longest = Math.max(longest, Date.now() - begun))));
    }
    await holder.query('commit');
    await holder.end();
    await Promise.all(readers);
    await run.done;
    const named = /blocks|blocked by|held by/.test(run.text) ? ', the reader is named' : '';
    return `others wait up to ${(longest / 1000).toFixed(0)} s${named}; ${run.code === 0 ? 'ends well' : `fails: ${reason(run)}`}`;
  },
  async 'an older file, added later'(tool) {
    const it = await project(tool, [init, ['0002_later', ['CREATE TABLE later (id int)']]]);
    await it.run();
    await it.write([init, ['0001_between', ['CREATE TABLE between_them (id int)']], ['0002_later', ['CREATE TABLE later (id int)']]]);
    const run = await it.run();
    if (await it.table('between_them')) return 'applied';
    return run.code === 0 ? 'skipped in silence, exit code 0' : `refused: ${reason(run)}`;
  },
  async 'an applied file was edited'(tool) {
    const it = await project(tool, [init]);
    await it.run();
    await it.write([['0000_init', [...init[1], 'CREATE TABLE more (id int)']]]);
    const run = await it.run();
    if (run.code !== 0) return `refused: ${reason(run)}`;
    return /edited|changed|checksum|modified/i.test(run.text) ? 'warned of' : 'not noticed';
  },
};

const table = [];
try {
  const names = Object.keys(tools).filter((name) => !options.only || name.includes(options.only));
  console.log(`| experiment | ${names.join(' | ')} |`);
  console.log(`|---|${names.map(() => '---').join('|')}|`);
  for (const [what, experiment] of Object.entries(experiments)) {
    const row = [];
    for (const name of names) row.push((await experiment(tools[name])).replace(/\|/g, '/'));
    console.log(`| ${what} | ${row.join(' | ')} |`);
    table.push(row);
  }
} finally {
  spawnSync(sluice, ['db', 'stop', ...where]);
  await fs.rm(top, { recursive: true, force: true });
}
