#!/usr/bin/env node
// Times and memory against drizzle-kit 0.31.11 and psql, as a Markdown table. Whole processes; the tools take turns,
// so that what else the machine does hits all of them.
//
//   node bench/run.mjs [--runs 5] [--tables 5,50,500] [--only generate|history|migrate|scale] [--scale 50,500,5000] [--json FILE]
//
// cold: an empty cache directory before each run, as in CI. warm: the cache of the run before, as at a desk; for
// "one change" it is the cache of the schema before the change.
// scale: whole commands at growing sizes: `generate` of a new project (evaluate, compare, plan, print), `diff` of two snapshots
// where every table has a column more, and `migrate`; what a table costs must not grow. drizzle-kit takes part up to 500
// tables: it takes minutes for 5,000.
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findSluice, root, Server } from '../tests/e2e/lib/server.mjs';
import { changeProject, lengthenHistory, writeMigrations, writeProject } from './lib/project.mjs';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    tables: { type: 'string', default: '5,50,500' },
    only: { type: 'string' },
    scale: { type: 'string', default: '50,500,5000' },
    json: { type: 'string' },
  },
});
const runs = Number(options.runs);
const nodeModules = path.join(root, 'tests/node_modules');
const sluice = findSluice();
const drizzleKit = [process.execPath, path.join(nodeModules, 'drizzle-kit/bin.cjs')];
const top = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-bench-'));
const output = path.join(top, 'output.txt');
const results = [];

// One measured process: { wall, cpu } in seconds, { peak } in MiB.
async function measure(command, { cwd, env, expect }) {
  const script = path.join(root, 'bench/lib/measure.pl');
  const child = spawn('perl', [script, output, ...command], {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part) => (text += part));
  await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  const [code, wall, cpu, peak] = text.trim().split(' ').map(Number);
  const printed = await fs.readFile(output, 'utf8');
  if (code !== 0 || (expect && !printed.includes(expect)))
    throw new Error(`${command.join(' ')} in ${cwd}: exit ${code}, expected '${expect ?? ''}'\n${printed}`);
  return { wall, cpu, peak: peak / 1024 };
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
const summary = (samples, key) => {
  const values = samples.map((sample) => sample[key]);
  return { min: Math.min(...values), median: median(values) };
};

// `tools`: name → { prepare, command, cwd, env, expect }, in the order in which they take turns. The first is what the
// others are compared with.
async function compare(what, tools) {
  const samples = Object.fromEntries(Object.keys(tools).map((name) => [name, []]));
  for (let run = 0; run < runs; run++)
    for (const [name, tool] of Object.entries(tools)) {
      await tool.prepare?.();
      samples[name].push(await measure(tool.command, tool));
    }
  for (const name of Object.keys(tools))
    results.push({
      what,
      tool: name,
      tables: tools[name].tables,
      wall: summary(samples[name], 'wall'),
      cpu: summary(samples[name], 'cpu'),
      peak: summary(samples[name], 'peak'),
    });
  console.error(`# ${what}: done`);
}

const caches = { cold: path.join(top, 'cache-cold'), warm: path.join(top, 'cache-warm') };
const clear = (directory) => fs.rm(directory, { recursive: true, force: true });
const restore = async (saved, directory) => {
  await clear(directory);
  await fs.cp(saved, directory, { recursive: true });
};

// The results are put back; the program that stands in the cache as well, esbuild, stays as it is at a desk.
const restoreCache = async (saved) => {
  for (const kind of ['config', 'schema'])
    await restore(path.join(saved, 'sluice', kind), path.join(caches.warm, 'sluice', kind));
};

async function generate(tables) {
  const directory = path.join(top, `project-${tables}`);
  const out = path.join(directory, 'drizzle');
  const saved = path.join(top, `saved-${tables}`);
  await writeProject(directory, tables, nodeModules);
  await measure([sluice, 'generate', '--name', 'init'], { cwd: directory, env: { XDG_CACHE_HOME: caches.warm }, expect: '0000_init' });
  await fs.cp(out, saved, { recursive: true });
  const ours = [sluice, 'generate'];
  const cold = { command: ours, cwd: directory, env: { XDG_CACHE_HOME: caches.cold } };
  const warm = { command: ours, cwd: directory, env: { XDG_CACHE_HOME: caches.warm } };
  const theirs = { command: [...drizzleKit, 'generate'], cwd: directory };

  const nothing = 'No schema changes';
  await compare(`generate, no change, ${tables} tables`, {
    'drizzle-kit': { ...theirs, expect: nothing },
    'sluice, cold': { ...cold, expect: nothing, prepare: () => clear(caches.cold) },
    'sluice, warm': { ...warm, expect: nothing },
  });

  // The cache as it was before the change: kept, and put back before each run.
  const savedCache = path.join(top, `cache-saved-${tables}`);
  await fs.cp(caches.warm, savedCache, { recursive: true }).catch(() => fs.mkdir(savedCache));
  await changeProject(directory);
  const before = () => restore(saved, out);
  await compare(`generate, one change, ${tables} tables`, {
    'drizzle-kit': { ...theirs, expect: '0001_', prepare: before },
    'sluice, cold': { ...cold, expect: '0001_', prepare: () => before().then(() => clear(caches.cold)) },
    'sluice, warm': { ...warm, expect: '0001_', prepare: () => before().then(() => restoreCache(savedCache)) },
  });
  await clear(directory);
}

async function history() {
  for (const migrations of [1, 150]) {
    const directory = path.join(top, `history-${migrations}`);
    await writeProject(directory, 100, nodeModules);
    await measure([sluice, 'generate', '--name', 'init'], { cwd: directory, env: { XDG_CACHE_HOME: caches.warm } });
    if (migrations > 1) await lengthenHistory(directory, migrations);
    const expect = 'No schema changes';
    const ours = { command: [sluice, 'generate'], cwd: directory, expect };
    await compare(`generate, no change, 100 tables, history of ${migrations}`, {
      'drizzle-kit': { command: [...drizzleKit, 'generate'], cwd: directory, expect },
      'sluice, cold': { ...ours, env: { XDG_CACHE_HOME: caches.cold }, prepare: () => clear(caches.cold) },
      'sluice, warm': { ...ours, env: { XDG_CACHE_HOME: caches.warm } },
    });
    await clear(directory);
  }
}

async function migrate() {
  const count = 100;
  const directory = path.join(top, 'migrations');
  await fs.mkdir(directory);
  await fs.symlink(nodeModules, path.join(directory, 'node_modules'));
  const files = await writeMigrations(directory, count);
  await fs.writeFile(path.join(directory, 'schema.ts'), 'export {};\n');
  const config = "export default { dialect: 'postgresql', schema: './schema.ts', out: './drizzle', dbCredentials: { url: process.env.DATABASE_URL } };\n";
  await fs.writeFile(path.join(directory, 'drizzle.config.ts'), config);
  // Each file a transaction of its own, in one session, as sluice does it.
  const script = path.join(directory, 'all.psql');
  await fs.writeFile(script, files.map((file) => `begin;\n\\i ${file}\n;commit;\n`).join(''));
  const server = await Server.start({ durable: true });
  let database;
  const fresh = async (env) => {
    if (database) await server.dropDatabase(database.name);
    database = await server.createDatabase();
    env.DATABASE_URL = database.url;
  };
  try {
    const tool = (command, expect) => {
      const env = { XDG_CACHE_HOME: caches.warm };
      return { command, cwd: directory, env, expect, prepare: () => fresh(env) };
    };
    const psql = tool(['sh', '-c', `exec psql -X -q -v ON_ERROR_STOP=1 "$DATABASE_URL" -f ${script}`]);
    await compare(`migrate, ${count} pending`, {
      'drizzle-kit': tool([...drizzleKit, 'migrate'], 'migrations applied successfully'),
      sluice: tool([sluice, 'migrate'], 'Migration applied successfully'),
      psql,
    });
    const env = {};
    await fresh(env);
    env.XDG_CACHE_HOME = caches.warm;
    await measure([sluice, 'migrate'], { cwd: directory, env });
    await compare('migrate, none pending', {
      'drizzle-kit': { command: [...drizzleKit, 'migrate'], cwd: directory, env },
      sluice: { command: [sluice, 'migrate'], cwd: directory, env },
      'psql, select 1': { command: ['psql', '-X', '-q', env.DATABASE_URL, '-c', 'select 1'], cwd: directory, env },
    });
  } finally {
    await server.stop();
  }
}

// The snapshot with one more column in every table.
async function widen(snapshot) {
  const wide = JSON.parse(await fs.readFile(snapshot, 'utf8'));
  for (const table of Object.values(wide.tables)) table.columns.note = { name: 'note', type: 'text', primaryKey: false, notNull: false };
  const file = path.join(path.dirname(snapshot), '../../wide.json');
  await fs.writeFile(file, JSON.stringify(wide, null, 2));
  return file;
}

async function scale(tables) {
  const directory = path.join(top, `scale-${tables}`);
  const out = path.join(directory, 'drizzle');
  const theirs = tables <= 500;
  await writeProject(directory, tables, nodeModules);
  // The whole folder is one transaction, which holds a lock for each table and index.
  const server = await Server.start({ durable: true, locks: Math.max(64, Math.ceil(tables / 10)) });
  let database;
  try {
    const env = { XDG_CACHE_HOME: caches.warm };
    const first = { cwd: directory, env, prepare: () => clear(out), tables };
    // The folder that sluice writes last is what both migrate.
    await compare(`first generate, ${tables} tables`, {
      ...(theirs && { 'drizzle-kit': { ...first, command: [...drizzleKit, 'generate', '--name', 'init'], expect: '0000_init' } }),
      sluice: { ...first, command: [sluice, 'generate', '--force', '--name', 'init'], expect: '0000_init' },
    });
    const snapshot = path.join(out, 'meta/0000_snapshot.json');
    const wide = await widen(snapshot);
    await compare(`diff of two snapshots, ${tables} tables`, {
      sluice: { cwd: directory, env, tables, command: [sluice, 'diff', snapshot, wide, '--json'], expect: 'ADD COLUMN' },
    });
    const fresh = async () => {
      if (database) await server.dropDatabase(database.name);
      database = await server.createDatabase();
      env.DATABASE_URL = database.url;
    };
    const apply = { cwd: directory, env, prepare: fresh, tables };
    await compare(`migrate, ${tables} tables in one file`, {
      ...(theirs && { 'drizzle-kit': { ...apply, command: [...drizzleKit, 'migrate'], expect: 'migrations applied successfully' } }),
      sluice: { ...apply, command: [sluice, 'migrate'], expect: 'Migration applied successfully' },
    });
  } finally {
    await server.stop();
    await clear(directory);
  }
}

const ms = ({ min, median: middle }) => `${(min * 1000).toFixed(0)} / ${(middle * 1000).toFixed(0)}`;

function print() {
  console.log(`\nmin / median of ${runs} runs each, taking turns; CPU is user + system with children; peak is of the largest process; ratios are of the minima.\n`);
  console.log('| what | tool | wall ms | CPU ms | peak MiB | wall | CPU | memory |');
  console.log('|---|---|--:|--:|--:|--:|--:|--:|');
  let base;
  for (const row of results) {
    if (row.what !== base?.what) base = row;
    const ratio = (key) => (row === base ? '1' : `${(base[key].min / row[key].min).toFixed(1)}× less`);
    console.log(
      `| ${row === base ? row.what : ''} | ${row.tool} | ${ms(row.wall)} | ${ms(row.cpu)} | ${row.peak.median.toFixed(0)} | ${ratio('wall')} | ${ratio('cpu')} | ${ratio('peak')} |`,
    );
  }
}

// What one table costs, for the sizes that were measured: near 1 under 'of that before' is growth close to linear.
function printScale() {
  const rows = results.filter((row) => row.tables && row.tool === 'sluice');
  if (rows.length === 0) return;
  console.log('\n| sluice | tables | CPU ms | CPU µs a table | of that before | wall µs a table |');
  console.log('|---|--:|--:|--:|--:|--:|');
  const before = {};
  for (const row of rows) {
    const command = row.what.replace(/, .*/, '');
    const each = (row.cpu.min / row.tables) * 1e6;
    const wall = (row.wall.min / row.tables) * 1e6;
    const growth = before[command] ? `${(each / before[command]).toFixed(2)}×` : '';
    console.log(`| ${command} | ${row.tables} | ${(row.cpu.min * 1000).toFixed(0)} | ${each.toFixed(0)} | ${growth} | ${wall.toFixed(0)} |`);
    before[command] = each;
  }
}

const wanted = (part) => !options.only || options.only === part;
process.once('SIGINT', () => clear(top).then(() => process.exit(130)));
try {
  if (wanted('generate')) for (const tables of options.tables.split(',')) await generate(Number(tables));
  if (wanted('history')) await history();
  if (wanted('migrate')) await migrate();
  if (wanted('scale')) for (const tables of options.scale.split(',')) await scale(Number(tables));
  print();
  printScale();
  if (options.json) await fs.writeFile(options.json, JSON.stringify(results, null, 2));
} finally {
  await clear(top);
}
