// Compares what the TypeScript reader prints with snapshots that drizzle-kit wrote.
//
//   node run.mjs PRINT_SCHEMA            every case against its .snapshot.json
//   node run.mjs PRINT_SCHEMA NAME…      only these
//   node run.mjs --record-ours PRINT_SCHEMA   writes the snapshots of deviations/ with the reader
//   node run.mjs --record KIT NAME…      writes the snapshots with drizzle-kit: KIT is a folder with drizzle-kit and
//                                        drizzle-orm in its node_modules
//
// deviations/ holds what drizzle-kit gets wrong and the reader does not; errors/ holds schemas that are wrong, each with
// the texts it must be answered with (`// expect: …`).
//
// A case is cases/NAME.ts, or a folder cases/NAME whose file `options` names the schema (errors/NAME likewise). `// casing:
// snake_case` in the first line sets the casing. The folder `modules` becomes the node_modules of the case, and
// `// packages: zod` adds packages of tests/node_modules; `// env: NAME=value` sets the environment.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const cases = join(here, 'cases');

function listCases() {
  const names = new Set();
  for (const entry of readdirSync(cases, { withFileTypes: true })) {
    if (entry.isDirectory()) names.add(entry.name);
    else if (entry.name.endsWith('.ts')) names.add(entry.name.slice(0, -3));
  }
  return [...names].sort();
}

function describe(name, kind = cases) {
  const folder = join(kind, name);
  const single = !existsSync(folder);
  const head = readFileSync(single ? join(kind, `${name}.ts`) : join(folder, 'options'), 'utf8');
  const options = (key) => [...head.matchAll(new RegExp(`^// ${key}: (.*)$`, 'gm'))].map(([, value]) => value);
  return {
    head,
    directory: single ? kind : folder,
    schema: single ? `${name}.ts` : options('schema')[0],
    casing: options('casing')[0] ?? '',
    packages: options('packages').flatMap((list) => list.split(' ')),
    env: Object.fromEntries(options('env').map((text) => text.split('='))),
    expected: join(kind, `${name}.snapshot.json`),
  };
}

// A copy of the case's folder with its node_modules.
function inCopy(it, packages, use) {
  const work = realpathSync(mkdtempSync(join(tmpdir(), 'case-')));
  try {
    cpSync(it.directory, work, { recursive: true, verbatimSymlinks: true });
    const modules = join(work, 'node_modules');
    if (existsSync(join(work, 'modules'))) renameSync(join(work, 'modules'), modules);
    else mkdirSync(modules);
    for (const [from, names] of packages)
      for (const name of names) if (!name.startsWith('.') && !existsSync(join(modules, name))) symlinkSync(join(from, name), join(modules, name));
    return use(work);
  } finally {
    rmSync(work, { recursive: true });
  }
}
const needsCopy = (it) => it.packages.length > 0 || existsSync(join(it.directory, 'modules'));
const withPackages = (it, use) => (needsCopy(it) ? inCopy(it, [[join(here, '../node_modules'), it.packages]], use) : use(it.directory));

function filesOf({ directory, schema }) {
  if (!schema.includes('*')) return [schema];
  const folder = dirname(schema);
  return readdirSync(join(directory, folder)).filter((file) => file.endsWith('.ts')).sort().map((file) => join(folder, file));
}

function record(kit, name) {
  const it = describe(name);
  const modules = join(resolve(kit), 'node_modules');
  inCopy(it, [[modules, readdirSync(modules)]], (work) => {
    const args = ['generate', '--dialect=postgresql', `--schema=${it.schema}`, '--out=out', '--name=x'];
    if (it.casing) args.push(`--casing=${it.casing}`);
    const run = spawnSync('node', [join(modules, 'drizzle-kit/bin.cjs'), ...args], { cwd: work, encoding: 'utf8', env: { ...process.env, ...it.env } });
    const file = join(work, 'out/meta/0000_snapshot.json');
    if (!existsSync(file)) throw new Error(`drizzle-kit wrote no snapshot for ${name}:\n${run.stdout}${run.stderr}`);
    const { id, prevId, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(it.expected, JSON.stringify(rest, null, 1) + '\n');
  });
}

function firstDifference(actual, expected) {
  const a = actual.split('\n'), b = expected.split('\n');
  const at = a.findIndex((line, i) => line !== b[i]);
  const show = (lines) => lines.slice(Math.max(0, at - 3), at + 3).join('\n      ');
  return `line ${at + 1}\n    read:\n      ${show(a)}\n    drizzle-kit:\n      ${show(b)}`;
}

function check(program, name) {
  const it = describe(name);
  const output = withPackages(it, (directory) =>
    execFileSync(program, ['--no-cache', directory, it.casing, ...filesOf(it).map((file) => join(directory, file))],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...it.env } }));
  const actual = JSON.stringify(JSON.parse(output), null, 1) + '\n';
  const expected = readFileSync(it.expected, 'utf8');
  if (actual !== expected) throw new Error(firstDifference(actual, expected));
}

function checkDeviation(program, file, recordIt) {
  const expected = join(here, 'deviations', file.replace(/\.ts$/, '.snapshot.json'));
  const output = execFileSync(program, ['--no-cache', join(here, 'deviations'), '', join(here, 'deviations', file)],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const actual = JSON.stringify(JSON.parse(output), null, 1) + '\n';
  if (recordIt) writeFileSync(expected, actual);
  else if (actual !== readFileSync(expected, 'utf8')) throw new Error(firstDifference(actual, readFileSync(expected, 'utf8')));
}

function checkError(program, name) {
  const it = describe(name, join(here, 'errors'));
  const run = withPackages(it, (directory) => {
    const copied = directory !== it.directory;
    const [cwd, project, file] = copied ? [directory, '.', it.schema] : [here, 'errors', join('errors', it.schema)];
    return spawnSync(program, ['--no-cache', '--time-limit=2000', '--memory-limit=64', project, '', file], { cwd, encoding: 'utf8' });
  });
  for (const [, wanted] of it.head.matchAll(/^\/\/ expect: (.*)$/gm)) {
    if (!run.stderr.includes(wanted)) throw new Error(`expected: ${wanted}\n  got:\n${run.stderr}`);
  }
  if (run.signal) throw new Error(`ended by ${run.signal}`);
}

const filesIn = (folder) => readdirSync(join(here, folder)).filter((file) => file.endsWith('.ts')).sort();

const [first, second, ...rest] = process.argv.slice(2);
const recording = first === '--record';
const recordingOurs = first === '--record-ours';
const only = recording ? rest : recordingOurs ? [] : [second, ...rest].filter(Boolean);
const program = resolve(recordingOurs ? second : first);
const jobs = [];
if (!recordingOurs) {
  for (const name of listCases()) jobs.push([name, () => (recording ? record(second, name) : check(program, name))]);
}
if (!recording) {
  for (const file of filesIn('deviations')) jobs.push([file.slice(0, -3), () => checkDeviation(program, file, recordingOurs)]);
}
if (!recording && !recordingOurs) {
  const folders = readdirSync(join(here, 'errors')).filter((name) => existsSync(join(here, 'errors', name, 'options')));
  for (const name of [...filesIn('errors').map((file) => file.slice(0, -3)), ...folders]) jobs.push([name, () => checkError(program, name)]);
}
let passed = 0, failed = 0;
for (const [name, job] of jobs) {
  if (only.length > 0 && !only.includes(name)) continue;
  try {
    job();
    passed++;
  } catch (error) {
    failed++;
    console.log(`FAILED ${name}: ${error.stderr || error.message}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
