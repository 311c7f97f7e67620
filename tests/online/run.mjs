#!/usr/bin/env node
// Online migrations under traffic: every case of cases/ is applied by `sluice migrate` while a client writes, and is
// killed again and again on the way. At the end the catalog is that of a fresh database of the wanted schema, and every
// row that the client wrote has the value that it wrote last.
//
//   node tests/online/run.mjs [--major 15,18] [--rows 3000] [--filter TEXT]
//
// A case: what it shows; before.ts and after.ts (or .sql); `flags` for generate (or `expand` and `contract`: then the traffic is
// that of both releases); `rows` with $ROWS; and one JSON line for each writer: table, key, columns that it writes and
// how, columns that it reads back. With `partitioned`, the rows bring partitions that the schema does not know: the catalog
// at the end is that of a database with the same rows where the change was made plainly.
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { findSluice, query, root, Server } from '../e2e/lib/server.mjs';

const { values: options } = parseArgs({
  options: {
    major: { type: 'string', default: '15,18' },
    rows: { type: 'string', default: '3000' },
    filter: { type: 'string', default: '' },
  },
});
const sluice = findSluice();
const rows = Number(options.rows);
const catalog = await fs.readFile(path.join(root, 'tests/conformance/lib/catalog.sql'), 'utf8');
const imports = `import { sql } from 'drizzle-orm';
import { bigint, bigserial, boolean, check, foreignKey, index, integer, pgEnum, pgTable, primaryKey, serial, text, timestamp, unique, uniqueIndex, uuid, varchar } from 'drizzle-orm/pg-core';
`;

// ---- cases

async function readCase(file) {
  const text = await fs.readFile(file, 'utf8');
  const sections = { about: text.slice(0, text.indexOf('\n-- ')).trim() };
  for (const part of text.split(/^-- (?=[a-z. ]+ --$)/m).slice(1)) {
    const end = part.indexOf(' --\n');
    sections[part.slice(0, end)] = part.slice(end + 4).trim();
  }
  return { name: path.basename(file, '.txt'), ...sections };
}

function command(args, cwd, url) {
  const child = spawn(sluice, args, { cwd, env: { ...process.env, DATABASE_URL: url, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
  const run = { child, text: '' };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (run.text += text));
  run.done = new Promise((resolve) => child.on('close', (code, signal) => resolve((run.code = code ?? signal))));
  return run;
}

async function must(args, cwd, url) {
  const run = command(args, cwd, url);
  if ((await run.done) !== 0) throw new Error(`sluice ${args.join(' ')}: exit ${run.code}\n${run.text}`);
  return run.text;
}

// `sluice migrate`, killed after a while that grows, until it is through; gives how often it was killed.
async function migrateKilled(cwd, url, random) {
  let kills = 0;
  for (let patience = 60; ; patience += 25 + random() * 25) {
    const run = command(['migrate', '--wait', '60'], cwd, url);
    const ended = await Promise.race([run.done, sleep(patience, 'late')]);
    if (ended === 0) return kills;
    if (ended !== 'late') throw new Error(`sluice migrate: exit ${ended}\n${run.text}`);
    run.child.kill('SIGKILL');
    await run.done;
    if (++kills > 200) throw new Error(`does not get through\n${run.text}`);
  }
}

// ---- traffic: one client for each writer; remembers what it wrote last into each row

class Writer {
  written = new Map(); // key → value
  errors = [];
  statements = 0;

  constructor(url, spec, random) {
    Object.assign(this, { url, spec, random });
  }

  value() {
    const n = Math.floor(this.random() * 1_000_000);
    return { int: n, text: `v${n}`, mood: ['sad', 'ok', 'happy'][n % 3], name: `f${n} l${n % 977}` }[this.spec.kind];
  }

  // Rows of its own: each writer knows what it wrote last.
  key() {
    const { place, places } = this.spec;
    return 1 + Math.floor(this.random() * Math.floor(rows / places)) * places + place;
  }

  async run() {
    const { table, key, writes, reads, insert = true, place } = this.spec;
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    let next = rows + 1 + place * 1_000_000;
    try {
      while (!this.stopped) {
        const value = this.value();
        try {
          const inserts = insert && this.random() < 0.4;
          const id = inserts ? next++ : this.key();
          await client.query(
            inserts ? `insert into ${table} (${key}, ${writes}) values ($1, $2)` : `update ${table} set ${writes} = $2 where ${key} = $1`,
            [id, value],
          );
          this.written.set(id, String(value));
          this.statements++;
          // Seen at once, by the other release too.
          const found = await client.query(`select (${reads ?? writes})::text as v from ${table} where ${key} = $1`, [id]);
          if (found.rows[0]?.v !== String(value)) this.errors.push(`row ${id}: wrote ${value}, read ${found.rows[0]?.v}`);
        } catch (error) {
          this.errors.push([error.message, error.detail, error.where].filter(Boolean).join("; "));
        }
        await sleep(1);
      }
    } finally {
      await client.end();
    }
  }

  start() {
    this.done = this.run();
    return this;
  }
  async stop() {
    this.stopped = true;
    await this.done;
    if (this.errors.length) throw new Error(`${this.errors.length} of ${this.statements} writes went wrong: ${this.errors[0]}`);
  }
  async check(reads) {
    const found = new Map((await query(this.url, `select ${this.spec.key}::text, (${reads})::text from ${this.spec.table}`)));
    for (const [id, value] of this.written)
      if (found.get(String(id)) !== value) throw new Error(`row ${id} was last written ${value} and has ${found.get(String(id))}`);
  }
}

// ---- one case

function randomFrom(text) {
  let state = [...text].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 2147483647, 7);
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

async function writeSchema(top, each, when) {
  if (`${when}.sql` in each) await fs.writeFile(path.join(top, 'schema.sql'), each[`${when}.sql`]);
  else await fs.writeFile(path.join(top, 'schema.ts'), imports + each[`${when}.ts`]);
}

async function workspace(top, each, when) {
  await fs.mkdir(top, { recursive: true });
  const schema = 'before.sql' in each ? './schema.sql' : './schema.ts';
  await fs.writeFile(path.join(top, 'drizzle.config.json'), JSON.stringify({ dialect: 'postgresql', schema, out: './drizzle' }));
  await writeSchema(top, each, when);
}

const facts = async (url) => (await query(url, catalog)).map(([fact]) => fact).filter((fact) => !/^(schema|extension)/.test(fact));

function difference(found, wanted) {
  const lines = [...wanted.filter((f) => !found.includes(f)).map((f) => `  missing: ${f}`), ...found.filter((f) => !wanted.includes(f)).map((f) => `  too many: ${f}`)];
  return lines.length ? `not the catalog that the plain migration makes\n${lines.join('\n')}` : '';
}

async function runCase(each, server, major, top) {
  const random = randomFrom(each.name + major);
  const cwd = path.join(top, `${each.name}-${major}`);
  await workspace(cwd, each, 'before');
  const { url } = await server.createDatabase();
  const fresh = await server.createDatabase();
  await must(['generate'], cwd, url);
  await must(['migrate'], cwd, url);
  for (const statement of each.rows.split(/;\s*$/m)) if (statement.trim()) await query(url, statement.replaceAll('$ROWS', rows));
  const writers = (each.writers ?? '').split('\n').filter(Boolean).map((line, place, all) => new Writer(url, { ...JSON.parse(line), place, places: all.length }, random));
  const traffic = (of) => of.map((writer) => writer.start());
  const after = writers.filter((writer) => writer.spec.release === 'new');
  const before = writers.filter((writer) => writer.spec.release !== 'new');

  await writeSchema(cwd, each, 'after');
  const flags = (each.flags ?? '').split('\n').filter(Boolean).flatMap((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]);
  const expands = 'expand' in each;
  if (expands) await must(['expand', '--server', major, ...each.expand.split('\n').filter(Boolean).flatMap((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)])], cwd, url);
  else await must(['generate', '--online', '--server', major, ...flags], cwd, url);

  traffic(before);
  await sleep(50);
  let kills = await migrateKilled(cwd, url, random);
  if (expands) {
    // Both releases run.
    traffic(after);
    await sleep(600);
  }
  for (const writer of writers) if (writer.done) await writer.stop();
  const naive = path.join(top, `${each.name}-${major}-fresh`);
  await workspace(naive, each, 'after');
  if ('partitioned' in each) {
    await writeSchema(naive, each, 'before');
    await must(['generate'], naive, fresh.url);
    await must(['migrate'], naive, fresh.url);
    for (const statement of each.rows.split(/;\s*$/m)) if (statement.trim()) await query(fresh.url, statement.replaceAll('$ROWS', rows));
    await writeSchema(naive, each, 'after');
  }
  await must(['generate', ...flags], naive, fresh.url);
  await must(['migrate'], naive, fresh.url);
  if (expands) {
    for (const writer of writers) await writer.check(writer.spec.reads ?? writer.spec.writes);
    if (each.between) for (const line of each.between.split('\n').filter(Boolean)) {
      const bad = await query(url, line);
      if (bad.length) throw new Error(`in between, ${line}\n  gives ${bad.length} rows: ${bad[0].join(', ')}`);
    }
    const refused = command(['contract'], cwd, url);
    if ((await refused.done) !== 3) throw new Error(`contract was not refused while the old code writes: ${refused.code}\n${refused.text}`);
    await must(['contract', '--idle', '0'], cwd, url);
    kills += await migrateKilled(cwd, url, random);
  }
  const wrong = difference(await facts(url), await facts(fresh.url));
  if (wrong) throw new Error(wrong);
  for (const writer of writers) if (writer.spec.after ?? !expands) await writer.check(writer.spec.after ?? writer.spec.reads ?? writer.spec.writes);
  for (const line of (each.check ?? '').split('\n').filter(Boolean)) {
    const bad = await query(url, line.replaceAll('$ROWS', rows));
    if (bad.length) throw new Error(`${line}\n  gives ${bad.length} rows: ${bad[0].join(', ')}`);
  }
  const nothing = await must(['generate', '--online'], cwd, url);
  if (!nothing.includes('No schema changes detected')) throw new Error(`generate finds a difference afterwards\n${nothing}`);
  return { kills, writes: writers.reduce((sum, writer) => sum + writer.statements, 0) };
}

// ---- all of them

const directory = path.join(root, 'tests/online/cases');
const cases = [];
for (const name of (await fs.readdir(directory)).sort()) if (name.endsWith('.txt') && name.includes(options.filter)) cases.push(await readCase(path.join(directory, name)));
const top = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-online-'));
let failed = 0;
for (const major of options.major.split(',')) {
  const server = await Server.start({ major });
  const stop = async () => server.stop();
  process.once('SIGINT', () => stop().then(() => process.exit(130)));
  for (const each of cases) {
    const began = Date.now();
    try {
      const { kills, writes } = await runCase(each, server, major, top);
      console.log(`ok ${each.name} on ${major} (${((Date.now() - began) / 1000).toFixed(1)} s, killed ${kills} times, ${writes} writes)`);
    } catch (error) {
      failed++;
      console.log(`not ok ${each.name} on ${major}\n${String(error.message).replace(/^/gm, '    ')}`);
    }
  }
  await stop();
}
await fs.rm(top, { recursive: true, force: true });
console.log(failed ? `${failed} failed` : `${cases.length} cases passed on ${options.major}`);
process.exitCode = failed || !cases.length ? 1 : 0;
