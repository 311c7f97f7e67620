#!/usr/bin/env node
// Compares Sluice with drizzle-kit 1.0.0-rc.5 over the same pairs of schemas, in its own format of the migrations folder.
// For each pair, with drizzle-orm 1.0:
//
//   rows     our first snapshot says what drizzle-kit's would
//   theirs   after our migrations (from nothing to the first schema, then to the second) drizzle-kit reads our snapshots
//            and finds nothing to do
//   ours     after drizzle-kit's snapshot of either schema we find nothing to do
//   up       a folder that was made with drizzle-orm 0.45 and moved over by `sluice up --to 1.0`: neither finds anything
//
//   node tests/conformance/drizzle_1.mjs [--filter TEXT,…] [--verbose] [--jobs N] [--keep] [--every N]
//
// `make test` takes every third pair.
// drizzle_1.txt lists the pairs in which they differ, with the reason. One that is listed and does not is a failure too.
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { findSluice, root } from '../e2e/lib/server.mjs';
import { readPair } from './lib/pair.mjs';

const { values: options } = parseArgs({
  options: {
    filter: { type: 'string' },
    verbose: { type: 'boolean' },
    keep: { type: 'boolean' },
    every: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(Math.min(4, os.cpus().length)) },
  },
});

const sluice = findSluice();
const modules = { 0: path.join(root, 'tests/node_modules'), 1: path.join(root, 'tests/drizzle-1/node_modules') };
const kit = await import(pathToFileURL(path.join(modules[1], 'drizzle-kit/api-postgres.mjs')).href);
const esbuild = createRequire(path.join(modules[0], 'tsx/package.json'))('esbuild');
const top = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-drizzle-1-'));
const cache = path.join(top, 'cache');

async function run(args, directory) {
  const child = spawn(sluice, args, {
    cwd: directory,
    env: { ...process.env, NO_COLOR: '1', XDG_CACHE_HOME: cache, DATABASE_URL: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`sluice ${args.join(' ')} exits with ${code}\n${output}`);
  return output;
}

// drizzle-kit talks on standard output. One at a time: what is caught here is the whole process's.
let turn = Promise.resolve();
const quietly = (work) => (turn = turn.then(() => caught(work), () => caught(work)));
async function caught(work) {
  const { log, error } = console;
  const said = [];
  console.log = console.error = (...words) => said.push(words.join(' '));
  const { exit } = process;
  process.exit = () => { throw new Error(`drizzle-kit gives up: ${said.join('\n')}`); };
  try {
    return await work();
  } finally {
    Object.assign(console, { log, error });
    process.exit = exit;
  }
}

const say = console.log.bind(console);  // also while drizzle-kit has a turn
let count = 0;
async function theirSnapshot(directory, source) {
  const file = path.join(directory, `schema-${count++}.mjs`);
  await fs.writeFile(file, (await esbuild.transform(source, { loader: 'ts' })).code);
  const exports = await import(pathToFileURL(file).href);
  return quietly(() => kit.generateDrizzleJson(Object.fromEntries(Object.entries(exports).sort(([a], [b]) => (a < b ? -1 : 1)))));
}

const sorted = (value) =>
  Array.isArray(value) ? value.map(sorted)
  : value && typeof value === 'object'
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sorted(v)]))
    : value;

function rowsDifference(found, wanted) {
  const [ours, theirs] = [found, wanted].map((rows) => rows.map((row) => JSON.stringify(sorted(row))));
  const lines = [];
  for (const line of theirs) if (!ours.includes(line)) lines.push(`- ${line}`);
  for (const line of ours) if (!theirs.includes(line)) lines.push(`+ ${line}`);
  return lines.join('\n');
}

async function snapshotsOf(directory) {
  const files = {};
  for (const name of (await fs.readdir(path.join(directory, 'drizzle'))).sort()) {
    const text = await fs.readFile(path.join(directory, 'drizzle', name, 'snapshot.json'), 'utf8').catch(() => undefined);
    if (text) files[name] = JSON.parse(text);
  }
  return files;
}

// What drizzle-kit would do after the migrations of the folder.
const theirStatements = (directory, wanted) =>
  quietly(async () => (await kit.generateMigration(await kit.reconstruct(await snapshotsOf(directory)), wanted)).join('\n'))
    .catch((error) => `drizzle-kit: ${error.message}`);

async function ourStatements(directory) {
  const output = await run(['generate', '--dry-run', '--json', ...answersOf.get(directory) ?? []], directory).catch((error) => error.message);
  const json = output.split('\n').find((line) => line.startsWith('{'));
  if (!json) return output;
  const answer = JSON.parse(output.slice(output.indexOf(json)));
  return answer.status === 'no_changes' ? '' : answer.statements.map(({ sql }) => sql).join('\n');
}
const answersOf = new Map();

async function project(name, version, source, pair) {
  const directory = path.join(top, name);
  await fs.mkdir(directory, { recursive: true });
  await fs.symlink(modules[version], path.join(directory, 'node_modules'));
  await fs.writeFile(path.join(directory, 'schema.ts'), source);
  const { casing } = pair;
  await fs.writeFile(path.join(directory, 'drizzle.config.json'),
    JSON.stringify({ dialect: 'postgresql', schema: './schema.ts', out: './drizzle', ...(casing ? { casing } : {}) }));
  return directory;
}

async function check(pair) {
  const found = {};
  const flags = [
    ...pair.renames.flatMap((text) => ['--rename', text]),
    ...pair.drops.flatMap((text) => ['--drop', text]),
    ...pair.backfills.flatMap((text) => ['--backfill', text]),
  ];
  const directory = await project(pair.name, 1, pair.before, pair);
  const before = await theirSnapshot(directory, pair.before), after = await theirSnapshot(directory, pair.after);
  await run(['generate', '--name', 'init'], directory);
  found.rows = rowsDifference(Object.values(await snapshotsOf(directory))[0]?.ddl ?? [], before.ddl);
  found.theirs = await theirStatements(directory, before);
  await fs.writeFile(path.join(directory, 'schema.ts'), pair.after);
  await run(['generate', '--name', 'next', ...flags], directory);
  found.theirs ||= await theirStatements(directory, after);

  found.ours = '';
  for (const [name, source, snapshot] of [['before', pair.before, before], ['after', pair.after, after]]) {
    const other = await project(`${pair.name}.${name}`, 1, source, pair);
    const folder = path.join(other, 'drizzle/20260101000000_theirs');
    await fs.mkdir(folder, { recursive: true });
    await fs.writeFile(path.join(folder, 'migration.sql'), '');
    await fs.writeFile(path.join(folder, 'snapshot.json'), JSON.stringify(
      { type: 'base', version: '9', dialect: 'postgres', id: 'a', prevIds: ['00000000-0000-0000-0000-000000000000'], footprints: [], ddl: snapshot.ddl }));
    found.ours ||= await ourStatements(other);
  }

  const old = await project(`${pair.name}.up`, 0, pair.before, pair);
  await run(['generate', '--name', 'init'], old);
  await fs.writeFile(path.join(old, 'schema.ts'), pair.after);
  await run(['generate', '--name', 'next', ...flags], old);
  await fs.rm(path.join(old, 'node_modules'));
  await fs.symlink(modules[1], path.join(old, 'node_modules'));
  await run(['up', '--to', '1.0'], old);
  found.up = (await theirStatements(old, after)) || (await ourStatements(old));
  return found;
}

// NAME CHECK,…  REASON
const known = new Map();
for (const line of (await fs.readFile(new URL('drizzle_1.txt', import.meta.url), 'utf8')).split('\n')) {
  const match = /^(\S+)\s+(\S+)\s+(.+)$/.exec(line);
  if (match && !line.startsWith('#')) known.set(match[1], { checks: match[2].split(','), reason: match[3] });
}

const wanted = options.filter?.split(',');
const names = (await fs.readdir(new URL('pairs/', import.meta.url))).filter((name) => name.endsWith('.txt')).map((name) => name.slice(0, -4))
  .filter((name) => !wanted || wanted.some((text) => name.includes(text))).sort()
  .filter((_, place) => place % Number(options.every) === 0);
let failures = 0, differing = 0;
const queue = [...names];
async function work() {
  for (let name = queue.shift(); name; name = queue.shift()) {
    const expected = known.get(name)?.checks ?? [];
    let found;
    try {
      found = await check(await readPair(new URL(`pairs/${name}.txt`, import.meta.url).pathname));
    } catch (error) {
      found = { cannot: error.message };
    }
    const wrong = Object.keys(found).filter((check) => found[check]);
    const surprising = wrong.filter((check) => !expected.includes(check));
    const missing = expected.filter((check) => !wrong.includes(check) && !('cannot' in found && !expected.includes('cannot')));
    if (wrong.length > 0) differing++;
    if (surprising.length > 0 || missing.length > 0) {
      failures++;
      say(`✘ ${name}`);
      for (const check of surprising) say(`  ${check}:\n    ${found[check].trim().replaceAll('\n', '\n    ')}`);
      for (const check of missing) say(`  ${check}: differs no longer`);
    } else if (options.verbose) {
      say(`✔ ${name}${wrong.length > 0 ? ` (${wrong.join(', ')}: ${known.get(name).reason})` : ''}`);
    }
  }
}
try {
  await Promise.all(Array.from({ length: Number(options.jobs) }, work));
} finally {
  if (options.keep) say(top);
  else await fs.rm(top, { recursive: true, force: true });
}
say(`${names.length} pairs, ${differing} with known differences, ${failures} failures`);
process.exit(failures === 0 && names.length > 0 ? 0 : 1);
