#!/usr/bin/env node
// Compares Sluice with drizzle-kit 0.31.11, change by change. Each file of pairs/ is two schemas. For each:
//
//   snapshot    ours is drizzle-kit's, byte for byte but for the two identifiers, before and after
//   statements  ours are drizzle-kit's, or those that the pair lists with a reason; "order": the same in another order
//   catalog     a database that was built from the first schema, filled, and migrated has the catalog of a fresh one
//   down        our way back brings the first catalog back
//   both ways   after ours drizzle-kit finds nothing to do, after drizzle-kit's ours finds nothing
//   drizzle-kit what its migration does to the same rows, if it is not ours: 'same' catalog as a fresh database, or the
//               pair says that it fails, and how, or that it reaches another catalog
//
//   node tests/conformance/run.mjs [--filter TEXT,…] [--pg MAJOR] [--verbose] [--jobs N] [--bless]
//
// --bless writes our statements into pairs that declare a difference; read them before you commit.
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { register } from 'tsx/cjs/api';
import { findSluice, query, root, Server } from '../e2e/lib/server.mjs';
import { readPair } from './lib/pair.mjs';

const require = createRequire(import.meta.url);
register();
const kit = require('./lib/kit.cjs');

const { values: options } = parseArgs({
  options: {
    filter: { type: 'string' },
    verbose: { type: 'boolean' },
    bless: { type: 'boolean' },
    pg: { type: 'string', default: process.env.SLUICE_TEST_PG },
    jobs: { type: 'string', default: String(Math.min(4, os.cpus().length)) },
  },
});

const sluice = findSluice();
const catalogSql = await fs.readFile(path.join(root, 'tests/conformance/lib/catalog.sql'), 'utf8');
const checks = ['snapshot', 'statements', 'catalog', 'down', 'both ways', 'drizzle-kit'];

// A command that fails is a failure of the pair.
async function run(args, directory, env = {}) {
  const child = spawn(sluice, args, { cwd: directory, env: { ...process.env, NO_COLOR: '1', ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`sluice ${args.join(' ')} exits with ${code}\n${output}`);
  return output;
}

const config = (casing) =>
  JSON.stringify({ dialect: 'postgresql', schema: './schema.ts', out: './drizzle', ...(casing ? { casing } : {}) });

// Statements of a migration file: without its head of comments, split where drizzle-orm splits.
const statementsOf = (text) =>
  text
    .replace(/^-- (Migration|Created): .*\n/gm, '')
    .split('--> statement-breakpoint')
    .map((statement) => statement.trim())
    .filter(Boolean);

const trimmed = (statements) => statements.flatMap((text) => text.split('--> statement-breakpoint')).map((text) => text.trim()).filter(Boolean);

function difference(found, wanted) {
  const lines = [];
  for (const line of wanted) if (!found.includes(line)) lines.push(`- ${line}`);
  for (const line of found) if (!wanted.includes(line)) lines.push(`+ ${line}`);
  return lines.join('\n');
}

const withoutIds = ({ id, prevId, ...rest }) => rest;

function snapshotDifference(found, wanted) {
  const [ours, theirs] = [found, wanted].map((snapshot) => JSON.stringify(withoutIds(snapshot), null, 2));
  return ours === theirs ? '' : difference(ours.split('\n'), theirs.split('\n')) || 'keys in another order';
}

async function catalog(url) {
  return (await query(url, catalogSql)).map(([fact]) => fact);
}

// Everything that one `generate` wrote: the migrations from this number on, as one.
async function generated(directory, from) {
  const names = await fs.readdir(path.join(directory, 'drizzle'));
  const read = (file) => fs.readFile(path.join(directory, 'drizzle', file), 'utf8');
  const tags = names
    .filter((file) => file.endsWith('.sql') && !file.endsWith('.down.sql') && file >= from)
    .map((file) => file.slice(0, -4))
    .sort();
  if (tags.length === 0) return { statements: [], downs: [], snapshot: null };
  const all = (ending) => Promise.all(tags.map((tag) => read(tag + ending)));
  return {
    statements: (await all('.sql')).flatMap(statementsOf),
    downs: (await all('.down.sql')).reverse(),
    snapshot: JSON.parse(await read(`meta/${tags.at(-1).slice(0, 4)}_snapshot.json`)),
  };
}

const flags = (pair) => [
  ...pair.renames.flatMap((value) => ['--rename', value]),
  ...pair.drops.flatMap((value) => ['--drop', value]),
  ...pair.backfills.flatMap((value) => ['--backfill', value]),
];

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

// What drizzle-kit's migration does to a database with rows, as drizzle-orm would run it: one transaction. '' if it
// ends with the catalog of a fresh database.
async function outcomeOf(statements, url, wanted, pair) {
  try {
    await query(url, ['begin', ...statements, 'commit'].map((text) => text.replace(/;?\s*$/, '')).join(';\n'));
  } catch (error) {
    return `fails: ${error.message.replaceAll('\n', ' ')}`;
  }
  if (difference(await catalog(url), wanted)) return 'another catalog';
  return (await rowsDifference(pair, url)) && 'other rows';
}

async function runPair(pair, server, top) {
  const result = Object.fromEntries(checks.map((name) => [name, '']));
  const directory = path.join(top, pair.name);
  const fresh = path.join(top, `${pair.name}-fresh`);
  const theirs = path.join(top, `${pair.name}-theirs`);
  for (const [where, schema] of [[directory, pair.before], [fresh, pair.after], [theirs, pair.after]]) {
    await fs.mkdir(where);
    await fs.writeFile(path.join(where, 'schema.ts'), schema);
    await fs.writeFile(path.join(where, 'drizzle.config.json'), config(pair.casing));
    await fs.symlink(path.join(root, 'tests/node_modules'), path.join(where, 'node_modules'));
  }
  await fs.writeFile(path.join(directory, 'after.ts'), pair.after);

  const kitBefore = kit.snapshot(require(path.join(directory, 'schema.ts')), pair.casing);
  const kitAfter = kit.snapshot(require(path.join(directory, 'after.ts')), pair.casing);
  const kitCreate = trimmed(await kit.statements(kit.empty(), kitAfter));
  let outcome = '';
  const kitChange = await kit.statements(kitBefore, kitAfter, [...pair.renames, ...pair.kitRenames]).then(trimmed, (error) => {
    outcome = `cannot: ${error.message}`;
    return [];
  });

  // Ours: the first schema, then the second in the same folder; and the second in a folder of its own.
  const databases = pair.statementsOnly ? [] : [await server.createDatabase(), await server.createDatabase()];
  try {
    for (const { url } of databases) if (pair.setup) await query(url, pair.setup);
    await run(['generate', '--name', 'first', '--force'], directory);
    if (databases.length) {
      await run(['migrate', '--url', databases[0].url], directory);
      if (pair.rows) await query(databases[0].url, pair.rows);
    }
    const first = await generated(directory, '0000');
    const catalogBefore = databases.length ? await catalog(databases[0].url) : [];
    await fs.copyFile(path.join(directory, 'after.ts'), path.join(directory, 'schema.ts'));
    await run(['generate', '--name', 'second', ...flags(pair)], directory);
    await run(['generate', '--name', 'first'], fresh);
    const [second, create] = [await generated(directory, '0001'), await generated(fresh, '0000')];

    const snapshots = [
      first.snapshot && snapshotDifference(first.snapshot, kitBefore),
      second.snapshot && snapshotDifference(second.snapshot, kitAfter),
      !second.snapshot && kitChange.length ? 'nothing was generated' : '',
    ]
      .filter(Boolean)
      .join('\n');
    result.snapshot = expected(snapshots, pair.snapshotDiffers, 'snapshot-differs');

    if (second.statements.join() !== kitChange.join()) result.order = difference(second.statements, kitChange) === '';
    if (!options.bless)
      result.statements = [
        compareStatements(second.statements, kitChange, pair.differs, pair.statements, 'differs'),
        compareStatements(create.statements, kitCreate, pair.createDiffers, pair.create, 'create-differs'),
      ]
        .filter(Boolean)
        .join('\n');

    if (databases.length) {
      const asTheirs = second.statements.join() === kitChange.join();
      if (!asTheirs) databases.push(await server.createDatabase({ template: databases[0].name }));
      await run(['migrate', '--url', databases[0].url], directory);
      await run(['migrate', '--url', databases[1].url], fresh);
      const altered = await catalog(databases[0].url);
      const built = await catalog(databases[1].url);
      result.catalog = [
        expected(difference(altered, built), pair.catalogDiffers, 'catalog-differs'),
        await rowsDifference(pair, databases[0].url),
      ]
        .filter(Boolean)
        .join('\n');
      if (!asTheirs && !outcome) outcome = await outcomeOf(kitChange, databases[2].url, built, pair);
      if (!options.bless && outcome !== (pair.drizzleKit ?? ''))
        result['drizzle-kit'] = `- ${pair.drizzleKit ?? 'the same catalog'}\n+ ${outcome || 'the same catalog'}`;
      if (second.snapshot) {
        for (const down of second.downs) {
          const transaction = /CONCURRENTLY/.test(down) ? down : `begin;\n${down};\ncommit`;
          await query(databases[0].url, transaction).catch((error) => {
            throw Object.assign(new Error(`${error.message}\n${down}`), { check: 'down' });
          });
        }
        result.down = expected(difference(await catalog(databases[0].url), catalogBefore), pair.downDiffers, 'down-differs');
      }
    }

    if (options.bless) await bless(pair, second.statements, create.statements, outcome);

    const ours = second.snapshot ?? first.snapshot;
    const left = await kit.statements(ours, kitAfter);
    await fs.mkdir(path.join(theirs, 'drizzle/meta'), { recursive: true });
    const entry = { idx: 0, version: '7', when: 1_760_000_000_000, tag: '0000_theirs', breakpoints: true };
    const journal = { version: '7', dialect: 'postgresql', entries: [entry] };
    await fs.writeFile(path.join(theirs, 'drizzle/meta/_journal.json'), JSON.stringify(journal, null, 2));
    await fs.writeFile(path.join(theirs, 'drizzle/meta/0000_snapshot.json'), JSON.stringify(kitAfter, null, 2));
    await fs.writeFile(path.join(theirs, 'drizzle/0000_theirs.sql'), kitCreate.join('--> statement-breakpoint\n'));
    const again = await run(['generate'], theirs);
    if (!pair.snapshotDiffers) result['both ways'] = [
      left.length ? `drizzle-kit after us: ${left.join(' ')}` : '',
      again.includes('No schema changes detected') ? '' : `we after drizzle-kit: ${again}`,
    ]
      .filter(Boolean)
      .join('\n');
  } catch (error) {
    result[error.check ?? 'statements'] = error.message;
    result.broken = true;
  } finally {
    for (const { name } of databases) await server.dropDatabase(name);
  }
  return result;
}

function expected(found, reason, line) {
  if (found && !reason) return found;
  if (!found && reason) return `no difference any more: take out '${line}'`;
  return '';
}

// A statement of ours that is not drizzle-kit's stands in the pair, with the reason.
function compareStatements(ours, theirs, reason, listed, line) {
  const different = difference(ours, theirs);
  if (!reason) return different;
  if (!different) return `no difference any more: take out '${line}'`;
  return difference(ours, statementsOf(listed ?? ''));
}

async function bless(pair, statements, create, outcome) {
  const file = path.join(root, 'tests/conformance/pairs', `${pair.name}.txt`);
  let text = await fs.readFile(file, 'utf8');
  const section = (name, lines) => {
    text = text.replace(new RegExp(`\\n*-- ${name} --\\n[\\s\\S]*?(?=\\n-- \\S+ --\\n|$)`), '\n').trimEnd() + '\n';
    if (lines) text += `\n-- ${name} --\n${lines.join('\n--> statement-breakpoint\n')}\n`;
  };
  text = text.replace(/^drizzle-kit .*\n/m, '');
  if (outcome) text = text.replace(/\n\n-- /, () => `\ndrizzle-kit ${outcome}\n\n-- `);
  if (pair.differs) section('statements.sql', statements);
  if (pair.createDiffers) section('create.sql', create);
  await fs.writeFile(file, text);
}

async function main() {
  const directory = path.join(root, 'tests/conformance/pairs');
  const names = (await fs.readdir(directory)).filter((name) => name.endsWith('.txt')).sort();
  const waiting = names.filter((name) => !options.filter || options.filter.split(',').some((text) => name.includes(text)));
  const total = waiting.length;
  const top = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-conformance-'));
  const server = await Server.start({ major: options.pg });
  const clean = async () => {
    await server.stop();
    await fs.rm(top, { recursive: true, force: true });
  };
  process.once('SIGINT', () => clean().then(() => process.exit(130)));

  const width = Math.max(...names.map((name) => name.length)) - 2;
  console.log(`${'pair'.padEnd(width)} ${checks.join('  ')}`);
  const failures = [];
  const todo = [];
  let listed = 0;
  await Promise.all(
    Array.from({ length: Number(options.jobs) }, async () => {
      for (let name = waiting.shift(); name; name = waiting.shift()) {
        const pair = await readPair(path.join(directory, name));
        const result = await runPair(pair, server, top).catch((error) => ({ statements: error.stack, broken: true }));
        const cells = checks.map((check) => {
          const good = check !== 'statements' ? 'ok' : result.order ? 'order' : pair.differs || pair.createDiffers ? 'listed' : 'ok';
          const kit = pair.drizzleKit ? (/^(fails|cannot):/.test(pair.drizzleKit) ? 'fails' : 'differs') : 'same';
          const passed = check === 'drizzle-kit' && !pair.statementsOnly ? kit : good;
          const cell = result[check] ? (pair.todo ? 'to do' : 'FAILED') : result.broken ? '?' : passed;
          return cell.padEnd(check.length);
        });
        console.log(`${pair.name.padEnd(width)} ${cells.join('  ')}`);
        if (pair.differs || pair.createDiffers || pair.catalogDiffers || pair.downDiffers || pair.snapshotDiffers) listed++;
        if (pair.todo && checks.some((check) => result[check])) {
          todo.push(`${pair.name}: ${pair.todo}`);
          continue;
        }
        if (pair.todo) result.statements = `it passes: take out 'todo ${pair.todo}'`;
        for (const check of checks)
          if (result[check]) failures.push({ pair: pair.name, check, text: result[check] });
      }
    }),
  );
  await clean();
  for (const { pair, check, text } of failures) {
    const lines = text.split('\n');
    const shown = options.verbose ? lines : lines.slice(0, 12);
    console.log(`\n${pair}: ${check} (- drizzle-kit or wanted, + ours)\n${shown.map((line) => `    ${line}`).join('\n')}`);
    if (shown.length < lines.length) console.log(`    … ${lines.length - shown.length} lines more: --verbose`);
  }
  const failed = new Set(failures.map(({ pair }) => pair)).size;
  console.log(`\n${total - failed - todo.length} passed, ${failed} failed, ${todo.length} to do; ${listed} differ as they list and explain`);
  for (const text of todo) console.log(`to do: ${text}`);
  if (failed || total === 0) process.exitCode = 1;
}

await main();
