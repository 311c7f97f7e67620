#!/usr/bin/env node
// A folder for many tenants: `sluice fleet migrate` beside a shell loop of drizzle-kit migrate and one of psql, in one run
// on one server; first schemas of one database, then databases. As a Markdown table, per target, with ratios.
//
//   node bench/fleet.mjs [--schemas 1000] [--databases 200] [--parallel 8] [--kit 20] [--psql 200]
//
// The loops are measured over so many targets as --kit and --psql say: the time of one does not depend on the others.
// psql writes no ledger and takes no lock, and so is the floor for one target after another.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findSluice, query, root, Server } from '../tests/e2e/lib/server.mjs';

const { values: options } = parseArgs({
  options: {
    schemas: { type: 'string', default: '1000' },
    databases: { type: 'string', default: '200' },
    parallel: { type: 'string', default: '8' },
    kit: { type: 'string', default: '20' },
    psql: { type: 'string', default: '200' },
  },
});
const nodeModules = path.join(root, 'tests/node_modules');
const sluice = findSluice();
const kit = `${process.execPath} ${path.join(nodeModules, 'drizzle-kit/bin.cjs')}`;

// Three migrations without a name in public, which drizzle-kit would carry out in public for every tenant.
const migrations = {
  '0000_init': 'CREATE TABLE "notes" ("id" serial PRIMARY KEY NOT NULL, "title" text NOT NULL, "body" text);',
  '0001_index': 'CREATE INDEX "notes_title_idx" ON "notes" USING btree ("title");',
  '0002_state': 'ALTER TABLE "notes" ADD COLUMN "state" integer DEFAULT 0 NOT NULL;',
};

async function writeProject(directory) {
  await fs.mkdir(path.join(directory, 'drizzle/meta'), { recursive: true });
  await fs.symlink(nodeModules, path.join(directory, 'node_modules'));
  await fs.writeFile(
    path.join(directory, 'drizzle.config.ts'),
    `export default { dialect: 'postgresql', schema: './schema.ts', out: './drizzle', migrations: { schema: process.env.LEDGER ?? 'drizzle' }, dbCredentials: { url: process.env.DATABASE_URL } };\n`,
  );
  const entries = Object.keys(migrations).map((tag, idx) => ({ idx, version: '7', when: 1_760_000_000_000 + idx, tag, breakpoints: true }));
  await fs.writeFile(path.join(directory, 'drizzle/meta/_journal.json'), JSON.stringify({ version: '7', dialect: 'postgresql', entries }));
  for (const [tag, text] of Object.entries(migrations)) await fs.writeFile(path.join(directory, `drizzle/${tag}.sql`), text);
}

// Seconds of a command.
function time(command, cwd, env) {
  const start = process.hrtime.bigint();
  const done = spawnSync('sh', ['-c', command], { cwd, env: { ...process.env, ...env }, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${command}: exit ${done.status}\n${done.stdout}${done.stderr}`);
  return Number(process.hrtime.bigint() - start) / 1e9;
}

const top = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-bench-'));
const server = await Server.start({ connections: Number(options.parallel) + 50, locks: 256 });
const at = (database) => Object.assign(new URL(server.url), { pathname: `/${database}` }).href;
const withPath = (url, schema) => `${url}?options=-csearch_path%3D${schema}`;

async function measure(what, count, make, flags, urlOf, ledgerOf) {
  const ways = { sluice: count, psql: Math.min(count, Number(options.psql)), 'drizzle-kit': Math.min(count, Number(options.kit)) };
  for (const [way, targets] of Object.entries(ways)) await make(way.replace('-', ''), targets);
  const list = async (way, targets) => {
    const file = path.join(top, `${what}-${way}.txt`);
    await fs.writeFile(file, Array.from({ length: targets }, (_, n) => `${urlOf(way.replace('-', ''), n)} ${ledgerOf(way.replace('-', ''), n)}\n`).join(''));
    return file;
  };
  const files = Object.keys(migrations).map((tag) => `-f drizzle/${tag}.sql`).join(' ');
  const seconds = {
    sluice: time(`${sluice} fleet migrate ${flags('sluice')} --parallel ${options.parallel}`, top, { DATABASE_URL: at(`fleet_sluice_control`) }),
    psql: time(`while read -r url schema; do psql -qX -v ON_ERROR_STOP=1 -1 ${files} "$url" || exit 1; done < ${await list('psql', ways.psql)}`, top, {}),
    'drizzle-kit': time(`while read -r url schema; do DATABASE_URL="$url" LEDGER="$schema" ${kit} migrate > /dev/null || exit 1; done < ${await list('drizzle-kit', ways['drizzle-kit'])}`, top, { NO_COLOR: '1' }),
  };
  const again = time(`${sluice} fleet migrate ${flags('sluice')} --parallel ${options.parallel}`, top, { DATABASE_URL: at(`fleet_sluice_control`) });
  const status = time(`${sluice} fleet status ${flags('sluice')} --parallel ${options.parallel}`, top, { DATABASE_URL: at(`fleet_sluice_control`) });
  const each = seconds.sluice / count;
  const row = (name, targets, total) =>
    console.log(`| ${what} | ${name} | ${targets} | ${total.toFixed(2)} s | ${((total / targets) * 1000).toFixed(1)} ms | ${(total / targets / each).toFixed(1)} |`);
  row(`sluice fleet migrate, ${options.parallel} at once`, count, seconds.sluice);
  row('the same again, nothing to do', count, again);
  row('sluice fleet status', count, status);
  row('psql in a loop', ways.psql, seconds.psql);
  row('drizzle-kit migrate in a loop', ways['drizzle-kit'], seconds['drizzle-kit']);
}

try {
  await writeProject(top);
  console.log('| targets | program | measured | wall | each | times sluice |\n|---|---|--:|--:|--:|--:|');
  await query(server.url, 'create database fleet_sluice_control');
  const schema = (way, n) => `bench_${way}_${n}`;
  await measure(
    'schemas',
    Number(options.schemas),
    (way, count) =>
      query(at('fleet_sluice_control'), `do $$ begin for n in 0..${count - 1} loop execute format('create schema bench_${way}_%s', n); end loop; end $$`),
    (way) => `--schemas 'bench\\_${way}\\_%'`,
    (way, n) => withPath(at('fleet_sluice_control'), schema(way, n)),
    schema,
  );
  await measure(
    'databases',
    Number(options.databases),
    async (way, count) => {
      for (let n = 0; n < count; n++) await query(server.url, `create database ${schema(way, n)}`);
    },
    (way) => `--databases 'bench\\_${way}\\_%'`,
    (way, n) => at(schema(way, n)),
    () => 'drizzle',
  );
} finally {
  await server.stop();
  await fs.rm(top, { recursive: true, force: true });
}
