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
// A case is cases/NAME.ts, or a folder cases/NAME whose file `options` names the schema. `// casing: snake_case` in the
// first line sets the casing.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

function describe(name) {
  const folder = join(cases, name);
  const single = !existsSync(folder);
  const head = readFileSync(single ? join(cases, `${name}.ts`) : join(folder, 'options'), 'utf8');
  const option = (key) => new RegExp(`^// ${key}: (.*)$`, 'm').exec(head)?.[1];
  return {
    directory: single ? cases : folder,
    schema: single ? `${name}.ts` : option('schema'),
    casing: option('casing') ?? '',
    expected: join(cases, `${name}.snapshot.json`),
  };
}

function filesOf({ directory, schema }) {
  if (!schema.includes('*')) return [schema];
  const folder = dirname(schema);
  return readdirSync(join(directory, folder)).filter((file) => file.endsWith('.ts')).sort().map((file) => join(folder, file));
}

function record(kit, name) {
  const it = describe(name);
  const work = mkdtempSync(join(tmpdir(), 'record-'));
  try {
    cpSync(it.directory, work, { recursive: true });
    symlinkSync(join(resolve(kit), 'node_modules'), join(work, 'node_modules'));
    const args = ['generate', '--dialect=postgresql', `--schema=${it.schema}`, '--out=out', '--name=x'];
    if (it.casing) args.push(`--casing=${it.casing}`);
    const run = spawnSync('node', [join(resolve(kit), 'node_modules/drizzle-kit/bin.cjs'), ...args], { cwd: work, encoding: 'utf8' });
    const file = join(work, 'out/meta/0000_snapshot.json');
    if (!existsSync(file)) throw new Error(`drizzle-kit wrote no snapshot for ${name}:\n${run.stdout}${run.stderr}`);
    const { id, prevId, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(it.expected, JSON.stringify(rest, null, 1) + '\n');
  } finally {
    rmSync(work, { recursive: true });
  }
}

function firstDifference(actual, expected) {
  const a = actual.split('\n'), b = expected.split('\n');
  const at = a.findIndex((line, i) => line !== b[i]);
  const show = (lines) => lines.slice(Math.max(0, at - 3), at + 3).join('\n      ');
  return `line ${at + 1}\n    read:\n      ${show(a)}\n    drizzle-kit:\n      ${show(b)}`;
}

function check(program, name) {
  const it = describe(name);
  const output = execFileSync(program, ['--no-cache', it.directory, it.casing, ...filesOf(it).map((file) => join(it.directory, file))],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
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

function checkError(program, file) {
  const name = join('errors', file);
  const run = spawnSync(program, ['--no-cache', '--time-limit=2000', '--memory-limit=64', 'errors', '', name], { cwd: here, encoding: 'utf8' });
  const source = readFileSync(join(here, name), 'utf8');
  for (const [, wanted] of source.matchAll(/^\/\/ expect: (.*)$/gm)) {
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
  for (const file of filesIn('errors')) jobs.push([file.slice(0, -3), () => checkError(program, file)]);
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
