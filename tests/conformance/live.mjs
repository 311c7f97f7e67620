#!/usr/bin/env node
// push and pull over the same pairs as run.mjs. For each:
//
//   push   a database is built from the first schema by `sluice push`, filled, and pushed to the second: it has the
//          catalog that migrations of the second schema alone reach, and the rows that are to be kept
//   again  a second push, with and without a change of what is given, says "No changes detected"
//   pull   what `sluice pull` writes of that database compiles, is the same to drizzle-kit as to us, and leaves generate
//          and push nothing to do
//
// Where push is meant to get elsewhere, or cannot, the pair says why (`push-differs`).
//
//   node tests/conformance/live.mjs [--filter TEXT,…] [--verbose] [--jobs N] [--only push|pull] [--pg MAJOR] [--part 1/2]
//
// --part 1/2: every second pair, from the first on; so two versions of PostgreSQL share the work.
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { register } from 'tsx/cjs/api';
import { findSluice, query, root, Server } from '../e2e/lib/server.mjs';
import { readPair } from './lib/pair.mjs';

const { values: options } = parseArgs({
  options: {
    filter: { type: 'string' },
    only: { type: 'string' },
    pg: { type: 'string', default: process.env.SLUICE_TEST_PG },
    part: { type: 'string', default: '1/1' },
    verbose: { type: 'boolean' },
    jobs: { type: 'string', default: String(Math.min(4, os.cpus().length)) },
  },
});

const require = createRequire(import.meta.url);
register();
const kit = require('./lib/kit.cjs');
const pulled = [];

const sluice = findSluice();
const catalogSql = await fs.readFile(path.join(root, 'tests/conformance/lib/catalog.sql'), 'utf8');
const checks = options.only === 'pull' ? ['pull'] : options.only === 'push' ? ['push', 'again'] : ['push', 'again', 'pull'];

async function run(program, args, directory) {
  const child = spawn(program, args, { cwd: directory, env: { ...process.env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`${path.basename(program)} ${args.join(' ')} exits with ${code}\n${output}`);
  return output;
}

function difference(found, wanted) {
  const lines = [];
  for (const line of wanted) if (!found.includes(line)) lines.push(`- ${line}`);
  for (const line of found) if (!wanted.includes(line)) lines.push(`+ ${line}`);
  return lines.join('\n');
}

const catalog = async (url) => (await query(url, catalogSql)).map(([fact]) => fact);

// What a pair sets up beside its schema is not the project's: there the filter stays what it is by default.
async function workspace(top, name, schema, casing, setup) {
  const directory = path.join(top, name);
  await fs.mkdir(directory);
  await fs.writeFile(path.join(directory, 'schema.ts'), schema);
  const config = { dialect: 'postgresql', schema: './schema.ts', out: './drizzle', ...(setup ? {} : { schemaFilter: ['*'] }), ...(casing ? { casing } : {}) };
  await fs.writeFile(path.join(directory, 'drizzle.config.json'), JSON.stringify(config));
  await fs.symlink(path.join(root, 'tests/node_modules'), path.join(directory, 'node_modules'));
  return directory;
}

const nothing = (output) => (output.includes('No changes detected') ? '' : output);

// The rows that the pair expects to find after the change.
async function rowsDifference(pair, url) {
  const lines = [];
  for (const line of pair.kept) {
    const [text, wanted] = line.split(' => ');
    const found = await query(url, text).then((rows) => rows.map((row) => row.join(' ')).join(', '), (error) => error.message);
    if (found !== wanted) lines.push(`- ${text} => ${wanted}`, `+ ${found}`);
  }
  return lines.join('\n');
}

const withoutIds = ({ id, prevId, ...rest }) => JSON.stringify(rest, null, 2).split('\n');

// What pull writes of the database: the same to drizzle-kit as to us, and nothing left to do.
async function pullDifference(pair, url, top) {
  const directory = await workspace(top, `${pair.name}-pulled`, '', undefined);
  const config = { dialect: 'postgresql', schema: './drizzle/schema.ts', out: './drizzle', ...(pair.setup ? {} : { schemaFilter: ['*'] }) };
  await fs.writeFile(path.join(directory, 'drizzle.config.json'), JSON.stringify(config));
  const output = await run(sluice, ['pull', '--url', url], directory);
  const file = path.join(directory, 'drizzle/schema.ts');
  const ours = JSON.parse(await fs.readFile(path.join(directory, 'drizzle/meta/0000_snapshot.json'), 'utf8'));
  const again = await run(sluice, ['generate'], directory);
  const text = await fs.readFile(file, 'utf8');
  const relations = path.join(directory, 'drizzle/relations.ts');
  pulled.push(file, ...((await fs.stat(relations).catch(() => null)) ? [relations] : []));
  const lines = [
    difference(withoutIds(ours), withoutIds(kit.snapshot(require(file)))),
    again.includes('No schema changes detected') ? '' : again,
    nothing(await run(sluice, ['push', '--url', url, '--dry-run'], directory)),
    pair.pullDiffers ? '' : output.split('\n').filter((line) => line.includes('no word for all')).join('\n'),
  ].filter(Boolean);
  return lines.length ? [...lines, text].join('\n') : '';
}

// All files that were pulled through the TypeScript compiler, at once. '' if it finds nothing.
async function compile(top) {
  if (pulled.length === 0) return '';
  await fs.symlink(path.join(root, 'tests/node_modules'), path.join(top, 'node_modules')).catch(() => {});
  const tsconfig = {
    compilerOptions: { strict: true, noEmit: true, skipLibCheck: true, target: 'es2022', module: 'esnext', moduleResolution: 'bundler', types: [], preserveSymlinks: true },
    files: pulled,
  };
  await fs.writeFile(path.join(top, 'tsconfig.json'), JSON.stringify(tsconfig));
  return await run(process.execPath, [path.join(root, 'tests/node_modules/typescript/lib/tsc.js'), '-p', top], top).then(() => '', (error) => error.message);
}

async function runPair(pair, server, top) {
  const result = Object.fromEntries(checks.map((name) => [name, '']));
  const databases = [await server.createDatabase(), await server.createDatabase()];
  const [live, fresh] = databases.map(({ url }) => url);
  let stage = checks[0];
  try {
    const after = await workspace(top, `${pair.name}-fresh`, pair.after, pair.casing, pair.setup);
    for (const { url } of databases) if (pair.setup) await query(url, pair.setup);
    if (checks.includes('push')) {
      const directory = await workspace(top, pair.name, pair.before, pair.casing, pair.setup);
      const push = (...more) => run(sluice, ['push', '--url', live, ...more], directory);
      await run(sluice, ['generate', '--name', 'first'], after);
      await run(sluice, ['migrate', '--url', fresh], after);
      await push();
      stage = 'again';
      const before = nothing(await push());
      stage = 'push';
      if (pair.rows) await query(live, pair.rows);
      await fs.writeFile(path.join(directory, 'schema.ts'), pair.after);
      const flags = [
        ...pair.renames.flatMap((value) => ['--rename', value]),
        ...pair.drops.flatMap((value) => ['--drop', value]),
        ...pair.backfills.flatMap((value) => ['--backfill', value]),
      ];
      const output = await push('--accept-data-loss', ...flags);
      const wrong = difference(await catalog(live), await catalog(fresh));
      result.push = [pair.catalogDiffers ? '' : wrong && `${wrong}\n${output}`, await rowsDifference(pair, live)].filter(Boolean).join('\n');
      stage = 'again';
      result.again = [before && `after the first:\n${before}`, nothing(await push('--dry-run')), nothing(await run(sluice, ['push', '--url', fresh, '--dry-run'], after))]
        .filter(Boolean)
        .join('\n');
    }
    if (checks.includes('pull')) {
      stage = 'pull';
      if (!checks.includes('push')) await run(sluice, ['push', '--url', fresh], after);
      result.pull = await pullDifference(pair, fresh, top);
    }
  } catch (error) {
    result[stage] = error.message;
  } finally {
    if (pair.pushDiffers && checks.includes('push')) result.push = result.push ? '' : `does not differ, but the pair says: ${pair.pushDiffers}`;
    for (const { name } of databases) await server.dropDatabase(name);
  }
  return result;
}

async function main() {
  const directory = path.join(root, 'tests/conformance/pairs');
  const wanted = options.filter?.split(',');
  const [part, parts] = options.part.split('/').map(Number);
  const names = (await fs.readdir(directory)).filter((name) => name.endsWith('.txt') && (!wanted || wanted.some((text) => name.includes(text)))).sort()
    .filter((_, i) => i % parts === part - 1);
  const top = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-live-'));
  const server = await Server.start({ major: options.pg });
  const waiting = [...names];
  const failures = [];
  let done = 0, skipped = 0;
  await Promise.all(
    Array.from({ length: Number(options.jobs) }, async () => {
      for (let name = waiting.shift(); name; name = waiting.shift()) {
        const pair = await readPair(path.join(directory, name));
        if (pair.statementsOnly || pair.todo) {
          skipped++;
          continue;
        }
        const result = await runPair(pair, server, top);
        done++;
        for (const check of checks) if (result[check]) failures.push({ pair: pair.name, check, text: result[check] });
        if (checks.some((check) => result[check])) console.log(`${pair.name}: ${checks.filter((check) => result[check]).join(', ')} FAILED`);
      }
    }),
  );
  await server.stop();
  const compiler = await compile(top);
  if (compiler) failures.push({ pair: 'all that was pulled', check: 'tsc --strict', text: compiler });
  await fs.rm(top, { recursive: true, force: true });
  for (const { pair, check, text } of failures) {
    const lines = text.split('\n');
    const shown = options.verbose ? lines : lines.slice(0, 14);
    console.log(`\n${pair}: ${check} (- wanted, + found)\n${shown.map((line) => `    ${line}`).join('\n')}`);
  }
  const failed = new Set(failures.map(({ pair }) => pair)).size;
  console.log(`\n${done - failed} passed, ${failed} failed; ${skipped} have no database`);
  if (failed || done === 0) process.exitCode = 1;
}

await main();
