#!/usr/bin/env node
// What others notice of a migration: readers and writers work on the table while it runs, and their worst statement is
// measured; the plain statements, as drizzle-kit writes them, in one transaction beside `generate --online` and
// `migrate --max-stall 200ms`. Tables of many rows, every case on a fresh copy, in one run.
//
//   node bench/stall.mjs [--rows 1000000] [--major 15] [--only NAME,NAME] [--verbose]
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { findSluice, query, root, Server } from '../tests/e2e/lib/server.mjs';

const { values: options } = parseArgs({
  options: { rows: { type: 'string', default: '1000000' }, major: { type: 'string', default: '15' }, only: { type: 'string' }, verbose: { type: 'boolean' } },
});
const rows = Number(options.rows);
const sluice = findSluice();
const imports = `import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
`;
const table = (columns, more = '') =>
  `export const p = pgTable('p', { id: integer('id').primaryKey() });
export const t = pgTable('t', { id: integer('id').primaryKey(), ${columns} }${more ? `, (t) => [${more}]` : ''});
`;
const before = "n: integer('n'), p: integer('p'), name: text('name').notNull(), old: text('old')";
const cases = {
  index: { after: table(before, "index('t_n').on(t.n)") },
  unique: { after: table(before, "unique('t_n_unique').on(t.n)") },
  'foreign key': { after: table(before.replace("integer('p')", "integer('p').references(() => p.id)")) },
  check: { after: table(before, "check('t_n', sql`${t.n} >= 0`)") },
  'not null': { after: table(before.replace("integer('n')", "integer('n').notNull()")) },
  'volatile default': { after: table(`${before}, token: uuid('token').defaultRandom().notNull()`), backfill: true },
  'int → bigint': { after: table(before.replace("integer('n')", "bigint('n', { mode: 'number' })")), backfill: true },
  'rename column': { after: table(before.replace("name: text('name')", "name: text('full_name')")), flags: ['--rename', 't.name=t.full_name'], expand: true, backfill: true },
  'one big UPDATE': { custom: "UPDATE t SET old = name WHERE old IS DISTINCT FROM name;", backfill: true },
  'attach partition': { sql: true },
  'drop column': { after: table(before.replace(", old: text('old')", '')) },
  'behind a reader of 3 s': { after: table(`${before}, more: integer('more')`), reader: true },
};

// A table with as many rows joins a partitioned one, whose default partition has all the rows that are read and written.
const partitioned = (more) => `CREATE TABLE t (id integer NOT NULL, n integer) PARTITION BY RANGE (id);
CREATE TABLE t_rest PARTITION OF t DEFAULT;
CREATE INDEX t_id ON t (id);
${more}`;
const joining = partitioned('CREATE TABLE t_more (id integer NOT NULL, n integer);');
const joined = partitioned(`CREATE TABLE t_more PARTITION OF t FOR VALUES FROM (${rows + 1}) TO (${2 * rows + 1});`);

// ---- traffic, in a thread of its own so that nothing else delays its clock

const worker = `
const { parentPort, workerData } = require('node:worker_threads');
const pg = require(workerData.pg);
const worst = { read: 0, write: 0 }, count = { read: 0, write: 0 };
let stopped = false;
const started = {};
parentPort.on('message', () => {
  stopped = true;
});
async function client(kind, sql) {
  const c = new pg.Client({ connectionString: workerData.url });
  await c.connect();
  while (!stopped) {
    const began = performance.now();
    await c.query(sql, [1 + Math.floor(Math.random() * workerData.rows)]);
    worst[kind] = Math.max(worst[kind], performance.now() - began);
    count[kind]++;
    await new Promise((done) => setTimeout(done, 2));
  }
  await c.end();
}
Promise.all([
  client('read', 'select * from t where id = $1'),
  client('read', 'select * from t where id = $1'),
  client('write', 'update t set n = n where id = $1'),
  client('write', 'update t set n = n where id = $1'),
]).then(() => parentPort.postMessage({ worst, count }), (error) => parentPort.postMessage({ error: error.message }));
`;

async function underTraffic(url, work) {
  const thread = new Worker(worker, { eval: true, workerData: { url, rows, pg: path.join(root, 'tests/node_modules/pg') } });
  const answer = new Promise((resolve) => thread.on('message', resolve));
  await sleep(700);
  const began = performance.now();
  await work();
  const total = performance.now() - began;
  await sleep(100);
  thread.postMessage('stop');
  const { worst, error } = await answer;
  await thread.terminate();
  if (error) throw new Error(`the traffic failed: ${error}`);
  return { ...worst, total };
}

function run(args, cwd, url) {
  return new Promise((resolve, reject) => {
    const child = spawn(sluice, args, { cwd, env: { ...process.env, DATABASE_URL: url, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (text += part));
    child.on('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`sluice ${args.join(' ')}: exit ${code}\n${text}`))));
  });
}

const server = await Server.start({ major: options.major });
const top = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-stall-'));
async function project(name, schema, kind) {
  const cwd = path.join(top, name);
  await fs.mkdir(cwd, { recursive: true });
  await fs.writeFile(path.join(cwd, 'drizzle.config.json'), JSON.stringify({ dialect: 'postgresql', schema: `./schema.${kind}`, out: './drizzle' }));
  await fs.writeFile(path.join(cwd, `schema.${kind}`), (kind === 'ts' ? imports : '') + schema);
  return cwd;
}
// A database with the schema before, and its rows.
async function prepared(name, schema, kind, fill) {
  const database = await server.createDatabase();
  const cwd = await project(name, schema, kind);
  await run(['generate'], cwd, database.url);
  await run(['migrate'], cwd, database.url);
  for (const statement of fill) await query(database.url, statement);
  return { cwd, name: database.name };
}
const ms = (value) => (value < 10 ? value.toFixed(1) : value.toFixed(0));
try {
  await query(server.url, "alter system set max_wal_size = '8GB'");
  await query(server.url, 'select pg_reload_conf()');
  const plainly = await prepared('start', table(before), 'ts', [
    'insert into p select n from generate_series(0, 999) n',
    `insert into t select n, n, n % 1000, 'name ' || n, 'old' from generate_series(1, ${rows}) n`,
    'vacuum (analyze) t',
  ]);
  const inParts = (!options.only || options.only.includes('attach')) && (await prepared('parts', joining, 'sql', [
    `insert into t select n, n from generate_series(1, ${rows}) n`,
    `insert into t_more select n, n from generate_series(${rows + 1}, ${2 * rows}) n`,
    'vacuum (analyze) t, t_more',
  ]));
  console.log(`${rows} rows, PostgreSQL ${options.major}; worst statement of readers and writers, and total time\n`);
  console.log('| change | plain: reader, writer | total | online: reader, writer | total | stall | total |\n|---|--:|--:|--:|--:|--:|--:|');
  for (const [name, each] of Object.entries(cases)) {
    if (options.only && !options.only.split(',').includes(name)) continue;
    const result = {};
    for (const form of ['plain', 'online']) {
      const template = each.sql ? inParts : plainly;
      const cwd = await project(`${name.replace(/\\W/g, '_')}-${form}`, each.sql ? joined : each.after ?? table(before), each.sql ? 'sql' : 'ts');
      await fs.cp(path.join(template.cwd, 'drizzle'), path.join(cwd, 'drizzle'), { recursive: true });
      const { url, name: database } = await server.createDatabase({ template: template.name });
      if (each.custom) {
        await run(['generate', '--custom', '--name', 'rows'], cwd, url);
        await fs.writeFile(path.join(cwd, 'drizzle', '0001_rows.sql'), form === 'plain' ? each.custom : `-- sluice:backfill\n${each.custom}`);
      }
      const how = form === 'plain' ? ['generate'] : each.expand ? ['expand'] : ['generate', '--online'];
      if (!each.custom) await run([...how, ...(each.flags ?? [])], cwd, url);
      const file = (await fs.readdir(path.join(cwd, 'drizzle'))).find((f) => f.startsWith('0001') && !f.endsWith('.down.sql'));
      const text = await fs.readFile(path.join(cwd, 'drizzle', file), 'utf8');
      const work = async () => {
        if (form === 'online') {
          const said = await run(['migrate', '--max-stall', '200ms', '--no-keep'], cwd, url);
          if (options.verbose) console.log(said);
        }
        else await query(url, `begin;\n${text.replaceAll('--> statement-breakpoint', '')};\ncommit`);
      };
      result[form] = await underTraffic(url, async () => {
        if (!each.reader) return await work();
        const reader = query(url, 'begin; select count(*) from p, pg_sleep(0); select 1 from t limit 1; select pg_sleep(3); commit');
        await sleep(100);
        await Promise.all([reader, work()]);
      });
      await server.dropDatabase(database);
    }
    const { plain, online } = result;
    const worst = (one) => Math.max(one.read, one.write);
    console.log(
      `| ${name} | ${ms(plain.read)}, ${ms(plain.write)} ms | ${ms(plain.total)} ms | ${ms(online.read)}, ${ms(online.write)} ms | ${ms(online.total)} ms | ` +
        `÷ ${(worst(plain) / worst(online)).toFixed(1)} | × ${(online.total / plain.total).toFixed(1)} |`,
    );
  }
} finally {
  await server.stop();
  await fs.rm(top, { recursive: true, force: true });
}
