#!/usr/bin/env node
// `sluice seed --generate` on the second schema of the pairs of tests/conformance and of the examples. For each: no table is
// left out, each has all rows or says what lets no more in, the same seed gives the same bytes over one connection and over
// several, and more rows go beside them.
//
//   node tests/seed/run.mjs [--filter TEXT] [--every 1] [--jobs N]
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findSluice, query, root, Server } from '../e2e/lib/server.mjs';
import { readPair } from '../conformance/lib/pair.mjs';

const { values: options } = parseArgs({
  options: { filter: { type: 'string' }, every: { type: 'string', default: '1' }, jobs: { type: 'string', default: String(Math.min(4, os.cpus().length)) } },
});
const sluice = findSluice();
const rows = 40;

async function run(args, directory, expected = 0) {
  const child = spawn(sluice, args, { cwd: directory, env: { ...process.env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '', errors = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== expected) throw new Error(`sluice ${args.join(' ')} exits with ${code}\n${output}${errors}`);
  return output;
}

const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
const name = ([schema, table]) => `${quoted(schema)}.${quoted(table)}`;

async function fingerprint(url, tables) {
  const hash = createHash('sha256');
  for (const table of tables)
    hash.update(JSON.stringify(await query(url, `select t::text from ${name(table)} t order by 1`)));
  return hash.digest('hex');
}

async function check({ title, schema, casing, setup }, server, top) {
  const directory = path.join(top, title);
  await fs.mkdir(directory);
  await fs.writeFile(path.join(directory, 'schema.ts'), schema);
  const config = { dialect: 'postgresql', schema: './schema.ts', out: './drizzle', ...(setup ? {} : { schemaFilter: ['*'] }), ...(casing ? { casing } : {}) };
  await fs.writeFile(path.join(directory, 'drizzle.config.json'), JSON.stringify(config));
  await fs.symlink(path.join(root, 'tests/node_modules'), path.join(directory, 'node_modules'));
  const database = await server.createDatabase();
  const { url } = database;
  try {
    if (setup) await query(url, setup);
    await run(['push', '--url', url], directory);
    const tables = await query(url, `select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE'
      and table_schema not in ('pg_catalog', 'information_schema', 'sluice') order by 1, 2`);
    if (tables.length === 0) return 0;
    const seed = ['seed', '--generate', '--json', '--rows', String(rows), '--url', url];
    const first = JSON.parse(await run([...seed, '--connections', '1'], directory));
    for (const table of first.tables)
      if (table.rows < table.wanted && !table.limitedBy) throw new Error(`${table.table} has ${table.rows} of ${table.wanted} rows, without a reason`);
    if (first.rows === 0) throw new Error('no row at all');
    const before = await fingerprint(url, tables);
    await query(url, `truncate ${tables.map(name).join(', ')} restart identity`);
    await run([...seed, '--connections', '3'], directory);
    if ((await fingerprint(url, tables)) !== before) throw new Error('the same seed gives other rows');
    await run([...seed, '--append'], directory);
    return tables.length;
  } finally {
    await server.dropDatabase(database.name);
  }
}

async function subjects() {
  const directory = path.join(root, 'tests/conformance/pairs');
  const all = [];
  for (const file of (await fs.readdir(directory)).sort()) {
    const pair = await readPair(path.join(directory, file));
    if (!pair.statementsOnly && !pair.todo && !pair.pushDiffers) all.push({ title: pair.name, schema: pair.after, casing: pair.casing, setup: pair.setup });
  }
  return all.filter(({ title }, i) => (options.filter ? title.includes(options.filter) : i % Number(options.every) === 0));
}

const queue = await subjects();
const top = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-seed-'));
const server = await Server.start();
const count = { passed: 0, failed: 0, tables: 0 };
await Promise.all(
  Array.from({ length: Number(options.jobs) }, async () => {
    for (let subject = queue.shift(); subject; subject = queue.shift()) {
      const problem = await check(subject, server, top).then((tables) => ((count.tables += tables), ''), (error) => error.message);
      if (problem) console.log(`not ok ${subject.title}\n${problem.replace(/^/gm, '    ')}`);
      count[problem ? 'failed' : 'passed']++;
    }
  }),
);
await server.stop();
await fs.rm(top, { recursive: true, force: true });
console.log(`${count.passed} schemas passed, ${count.failed} failed; ${count.tables} tables`);
if (count.failed || count.passed === 0) process.exitCode = 1;
