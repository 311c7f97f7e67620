#!/usr/bin/env node
// SQL as the schema language. Each file of pairs/ is two schemas in SQL. For each:
//
//   statements  what `sluice generate` writes for the way from the first to the second is what the pair lists
//   up          the first schema's migration, rows, the second one's: the database is dumped as one that the SQL file
//               itself has made (pg_dump -s)
//   down        rolled back it is dumped as before, with its rows; migrated again it is as it was
//   quiet       generate, push and a generate of what `sluice pull --format sql` wrote find nothing to do
//   pull        a database that the pulled file has made is dumped as the first
//
//   node tests/sql/run.mjs [--filter TEXT] [--pg MAJOR] [--bless] [--verbose]
//
// --bless writes the statements into the pairs; read them before you commit.
//
// A pair: comment lines, then lines "setup SQL" (on every database), "rows SQL" (of the first), "kept QUERY => ROWS"
// (after the change), "flags FLAGS" (of generate), "needs MAJOR", "apart" (the file's order does not run as it stands),
// then -- before.sql --, -- after.sql --, -- statements.sql --.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readScript } from '../e2e/lib/script.mjs';
import { binariesOf, findSluice, query, root, Server } from '../e2e/lib/server.mjs';

const { values: options } = parseArgs({
  options: { filter: { type: 'string' }, pg: { type: 'string' }, bless: { type: 'boolean' }, verbose: { type: 'boolean' } },
});
const sluice = findSluice();
const checks = ['statements', 'up', 'down', 'quiet', 'pull'];

async function output(program, args, directory) {
  const child = spawn(program, args, { cwd: directory, env: { ...process.env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (printed += text));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`${path.basename(program)} ${args.join(' ')} exits with ${code}\n${printed}`);
  return printed;
}
const run = (args, directory) => output(sluice, args, directory);

async function says(wanted, args, directory) {
  const printed = await run(args, directory);
  return printed.includes(wanted) ? '' : `sluice ${args.join(' ')}\n${printed}`;
}

const statementsOf = (text) =>
  text
    .replace(/^-- .*\n/gm, '')
    .split('--> statement-breakpoint')
    .map((statement) => statement.trim())
    .filter(Boolean);

function difference(found, wanted) {
  const [ours, theirs] = [found, wanted].map((text) => text.split('\n'));
  const lines = [...theirs.filter((line) => !ours.includes(line)).map((line) => `- ${line}`), ...ours.filter((line) => !theirs.includes(line)).map((line) => `+ ${line}`)];
  return lines.join('\n') || (found === wanted ? '' : 'the same lines in another order');
}

// The database as pg_dump has it, without what belongs to us.
async function dump(url) {
  const [program, ...first] = dumper;
  const text = (await output(program, [...first, url, '-s', '-O', '-N', 'drizzle', '-N', 'sluice'])).replace(/^(--.*|\\(un)?restrict .*|SET .*|SELECT pg_catalog.set_config.*|)\n/gm, '');
  // Who was granted something first does not matter.
  const lines = text.split('\n'), grants = lines.filter((line) => line.startsWith('GRANT')).sort();
  return lines.map((line) => (line.startsWith('GRANT') ? grants.shift() : line)).join('\n');
}

// Debian's, where it reads this server; else npm's, which is slower to start.
const debians = '/usr/lib/postgresql/15/bin/pg_dump';
const dumper = Number(options.pg ?? 15) <= 15 && existsSync(debians) ? [debians] : [process.execPath, path.join(root, 'tests/sql/pg_dump.mjs')];

async function runPair(file, server, top) {
  const { steps, files } = await readScript(file);
  const all = (verb) => steps.filter((step) => step.verb === verb).map(({ rest }) => rest);
  const result = {};
  const needs = all('needs')[0];
  if (needs && Number(options.pg ?? 15) < Number(needs)) return { skipped: true };
  const directory = path.join(top, path.basename(file, '.txt'));
  await fs.mkdir(directory);
  const schema = (text) => fs.writeFile(path.join(directory, 'schema.sql'), text);
  await fs.writeFile(path.join(directory, 'drizzle.config.json'), JSON.stringify({ dialect: 'postgresql', schema: './schema.sql', out: './drizzle' }));
  const databases = [];
  const database = async () => {
    const made = await server.createDatabase();
    databases.push(made.name);
    for (const sql of all('setup')) await query(made.url, sql);
    return made.url;
  };
  const rowsOf = async (url) => {
    const lines = [];
    for (const line of all('kept')) {
      const [text, wanted] = line.split(' => ');
      const found = (await query(url, text)).map((row) => row.join('|')).join('; ');
      if (found !== wanted) lines.push(`${text}\n- ${wanted}\n+ ${found}`);
    }
    return lines.join('\n');
  };
  let at = 'statements';
  try {
    const migrated = await database();
    const migrate = () => run(['migrate', '--url', migrated], directory);
    const before = files.get('before.sql') ?? '', after = files.get('after.sql');
    await schema(before);
    const first = (await run(['generate', '--name', 'first'], directory)).includes('Generated');
    if (first) await migrate();
    for (const sql of all('rows')) await query(migrated, sql);
    const dumpBefore = await dump(migrated);
    const tables = `select string_agg(c.oid::regclass || ' ' || (xpath('/row/n/text()', query_to_xml('select count(*) as n from ' || c.oid::regclass, false, true, '')))[1], ', ' order by c.oid::regclass::text) from pg_class c where relkind = 'r' and relnamespace not in (select oid from pg_namespace where nspname in ('drizzle', 'sluice', 'pg_catalog', 'information_schema'))`;
    const countsBefore = await query(migrated, tables);

    await schema(after);
    const flags = all('flags').flatMap((text) => text.split(' '));
    const second = await run(['generate', '--name', 'second', ...flags], directory);
    if (!second.includes('Generated')) throw new Error(second);
    const name = (await fs.readdir(path.join(directory, 'drizzle'))).filter((each) => each.endsWith('_second.sql'))[0];
    const statements = statementsOf(await fs.readFile(path.join(directory, 'drizzle', name), 'utf8'));
    if (options.bless) await bless(file, statements);
    result.statements = difference(statements.join('\n'), statementsOf(files.get('statements.sql') ?? '').join('\n'));
    // Other versions lay a view's text out in another way.
    if (options.bless || (options.pg && options.pg !== '15')) result.statements = '';

    at = 'up';
    await migrate();
    const fresh = await database();
    await query(fresh, all('apart').length ? await run(['export'], directory) : after);
    const dumpAfter = await dump(migrated);
    result.up = difference(dumpAfter, await dump(fresh)) || (await rowsOf(migrated));

    at = 'quiet';
    result.quiet =
      (await says('No schema changes detected', ['generate'], directory)) ||
      (await says('No changes detected', ['push', '--url', migrated], directory));
    at = 'pull';
    await run(['pull', '--format', 'sql', '--out', 'pulled', '--url', migrated], directory);
    const pulled = await database();
    await query(pulled, `begin; ${await fs.readFile(path.join(directory, 'pulled/schema.sql'), 'utf8')}; commit`);
    result.pull = difference(await dump(pulled), await dump(fresh));
    result.quiet ||= await says('No schema changes detected', ['generate', '--schema', 'pulled/schema.sql', '--out', 'drizzle'], directory);

    at = 'down';
    await run(['rollback', '--yes', '--url', migrated], directory);
    result.down = difference(await dump(migrated), dumpBefore);
    const counts = await query(migrated, tables);
    if (String(counts) !== String(countsBefore)) result.down ||= `rows: - ${countsBefore}\n      + ${counts}`;
    await migrate();
    result.down ||= difference(await dump(migrated), dumpAfter);
  } catch (error) {
    result[at] = error.message;
  } finally {
    for (const each of databases) await server.dropDatabase(each);
  }
  return result;
}

async function bless(file, statements) {
  const text = (await fs.readFile(file, 'utf8')).replace(/\n*-- statements\.sql --\n[\s\S]*$/, '\n').trimEnd();
  await fs.writeFile(file, `${text}\n\n-- statements.sql --\n${statements.join('\n--> statement-breakpoint\n')}\n`);
}

const directory = path.join(root, 'tests/sql/pairs');
const names = (await fs.readdir(directory)).filter((name) => name.endsWith('.txt') && (!options.filter || name.includes(options.filter))).sort();
const top = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-sql-'));
const server = await Server.start({ major: options.pg });
if (options.pg) process.env.SLUICE_PG_BIN = binariesOf(options.pg); // for reading the files
let failed = 0;
function tell(name, result) {
  const bad = checks.filter((check) => result[check]);
  console.log(`${result.skipped ? '-' : bad.length ? '✘' : '✔'} ${name.replace('.txt', '')}${bad.length ? `: ${bad.join(', ')}` : ''}`);
  for (const check of bad) {
    const lines = result[check].split('\n');
    console.log((options.verbose ? lines : lines.slice(0, 25)).map((line) => `    ${check}: ${line}`).join('\n'));
  }
  failed += bad.length > 0;
}

try {
  const todo = [...names];
  const work = async () => {
    for (let name = todo.shift(); name; name = todo.shift()) tell(name, await runPair(path.join(directory, name), server, top));
  };
  await Promise.all([work(), work()]); // one at a time waits for servers half of the time
} finally {
  await server.stop();
  await fs.rm(top, { recursive: true, force: true });
}
console.log(`${names.length - failed} passed, ${failed} failed`);
if (failed || !names.length) process.exitCode = 1;
