#!/usr/bin/env node
// A database with everything of catalog/covered.sql is pulled as SQL and made again from what was pulled: pg_dump -s of
// both is the same. Then comes what the model cannot hold (told.sql): each is told, and the rest is said as before.
//
//   node tests/sql/pull.mjs [--pg MAJOR]... [--keep DIRECTORY]
//
// On PostgreSQL 15 and 18, unless --pg says which. --keep leaves the pulled file and both dumps.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { binariesOf, findSluice, query, root, Server } from '../e2e/lib/server.mjs';

const { values: options } = parseArgs({ options: { pg: { type: 'string', multiple: true }, keep: { type: 'string' } } });
const sluice = findSluice();
const here = path.join(root, 'tests/sql');
let failed = 0;

function check(name, problem) {
  console.log(`${problem ? '✘' : '✔'} ${name}${problem ? `\n    ${problem.split('\n').slice(0, 60).join('\n    ')}` : ''}`);
  failed += Boolean(problem);
}

function run(program, args) {
  const done = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (done.status !== 0) throw new Error(`${[path.basename(program), ...args].join(' ')} exits with ${done.status}\n${done.stdout}${done.stderr}`);
  return done.stdout;
}

// What does not matter: comments, the settings of the session that dumps, the order of what stands beside each other.
// pg_dump prints statements in an order that has to do with when they were made; the order of columns, of values and of
// whatever else stands inside of a statement counts; but for storage parameters, which have no order, and true is on.
function sorted(parameters) {
  const words = { "'on'": "'true'", on: "'true'", "'off'": "'false'", off: "'false'" };
  return parameters.split(', ').map((each) => each.replace(/[^=]*$/, (word) => words[word] ?? word)).sort().join(', ');
}
function statementsOf(dump) {
  const text = dump.replace(/^(--.*|\\(un)?restrict .*|SET .*|SELECT pg_catalog.set_config.*)\n/gm, '');
  // What servers of November 2026 keep of their own (15.20), an older pg_dump takes for an option; its own does not.
  const plain = text.replace(/^ALTER TABLE ONLY .* SET \(pg_attver=\d+\);\n/gm, '').replace(/, pg_attver=\d+|pg_attver=\d+, /g, '').replace(/WITH \(([^()\n]*=[^()\n]*)\)/g, (_, list) => `WITH (${sorted(list)})`);
  return plain.split(/;\n\n+/).map((each) => each.trim()).filter(Boolean).sort();
}

function difference(found, wanted) {
  const lines = [...wanted.filter((each) => !found.includes(each)).map((each) => `- ${each}`), ...found.filter((each) => !wanted.includes(each)).map((each) => `+ ${each}`)];
  return lines.join('\n') || (found.length === wanted.length ? '' : 'the same statements, some of them twice');
}

// Statements of a file as far as this version has them; `-- from N --` begins what PostgreSQL has since N.
async function read(file, major) {
  const parts = (await fs.readFile(path.join(here, 'catalog', file), 'utf8')).split(/^-- from (\d+) --$/m);
  return parts.filter((_, index) => index % 2 === 0 && (index === 0 || Number(parts[index - 1]) <= major)).join('\n');
}

async function tryVersion(major, top) {
  const server = await Server.start({ major });
  process.env.SLUICE_PG_BIN = binariesOf(major); // for reading the pulled file
  try {
    const dump = (url) => statementsOf(run(process.execPath, [path.join(here, 'pg_dump.mjs'), url, '-s']));
    const directory = options.keep ?? path.join(top, String(major));
    await fs.mkdir(directory, { recursive: true });
    const pull = (name) => {
      const answer = JSON.parse(run(sluice, ['pull', '--format', 'sql', '--url', first.url, '--out', path.join(directory, name), '--json']));
      return { file: path.join(directory, name, 'schema.sql'), told: answer.notCovered.map(({ kind, name }) => `${kind} ${name}`.trim()) };
    };
    for (const role of ['pull_reader', 'pull_writer', '"Pull Odd"']) await query(server.url, `create role ${role}`);
    const first = await server.createDatabase(), second = await server.createDatabase();
    await query(first.url, await read('covered.sql', Number(major)));
    const pulled = pull('covered'), text = await fs.readFile(pulled.file, 'utf8');
    check(`${major}: nothing is told that is said`, pulled.told.join('\n'));
    await query(second.url, `begin; ${text}; commit`);
    const [wanted, found] = [dump(first.url), dump(second.url)];
    if (options.keep) await fs.writeFile(path.join(directory, 'wanted.sql'), wanted.join('\n\n'));
    if (options.keep) await fs.writeFile(path.join(directory, 'found.sql'), found.join('\n\n'));
    check(`${major}: pg_dump of the database and of what was pulled, ${wanted.length} statements`, difference(found, wanted));
    check(`${major}: push of what was pulled finds nothing`, await pushed(pulled.file, first.url));

    const told = await read('told.sql', Number(major));
    await query(first.url, told);
    const again = pull('told');
    const expected = [...told.matchAll(/; -- (.*)$/gm)].map(([, each]) => each);
    check(`${major}: what cannot be said is told`, difference(again.told.sort(), expected.sort()));
    // A table of a type is said too, as one that is not.
    const after = (await fs.readFile(again.file, 'utf8')).split('\n');
    check(`${major}: the rest is said as before`, text.split('\n').filter((line) => !after.includes(line)).join('\n'));
    await query(first.url, 'alter subscription pull_subscription set (slot_name = none); drop subscription pull_subscription');
  } finally {
    await server.stop();
  }
}

async function pushed(file, url) {
  const output = run(sluice, ['push', '--schema', file, '--dialect', 'postgresql', '--url', url, '--dry-run']);
  return output.includes('No changes detected') ? '' : output;
}

const top = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-pull-'));
try {
  for (const major of options.pg ?? ['15', '18']) await tryVersion(major, top);
} finally {
  await fs.rm(top, { recursive: true, force: true });
}
if (failed) process.exitCode = 1;
