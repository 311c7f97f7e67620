// C++ schema → SQL → database → `pull --format cpp` → C++ schema: compiled again it is the same model, and the database
// needs no change for it. Random schemas go the same way: SCHEMAS is their number, SEED the first one. pgvector's types
// do where it is installed, and otherwise on PostgreSQL 18 with an extension that has their names; PostGIS's only where
// it is installed.
//
//   SLUICE=build/dev/sluice node tests/typed/round_trip.mjs RANDOM_SCHEMA VECTORS GEOMETRY SCHEMA_PROGRAM… -- COMPILER
//   FLAG… (with {} for the source)
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findSluice, query, Server } from '../e2e/lib/server.mjs';

const sluice = findSluice();
const split = process.argv.indexOf('--');
const [randomSchema, vectors, geometry, ...programs] = process.argv.slice(2, split).map((program) => path.resolve(program));
const compiler = process.argv.slice(split + 1);
const server = await Server.start();
const directory = mkdtempSync(path.join(os.tmpdir(), 'sluice-round-trip-'));
const run = (command, args) => {
  const done = spawnSync(command, args, { cwd: directory, encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, NO_COLOR: '1', DATABASE_URL: '' } });
  assert.equal(done.status, 0, `${command} ${args.join(' ')}\n${done.stdout}${done.stderr}`);
  return done.stdout + done.stderr;
};
const compile = (source, program) => run(compiler[0], compiler.slice(1).map((flag) => (flag === '{}' ? source : flag)).concat('-o', program));
const configure = (program, url, roles, out = './out') =>
  writeFileSync(path.join(directory, 'drizzle.config.json'), JSON.stringify({
    dialect: 'postgresql', schema: `cpp:${program}`, out, dbCredentials: { url }, schemaFilter: ['*'], entities: { roles: { include: roles } },
  }));

// The snapshot, and what stands behind it: the domains.
const printed = (program) => {
  const [snapshot, beyond] = run(program, []).split('\f').map((text) => JSON.parse(text));
  const domains = (beyond?.domain ?? []).map(({ schema, name }) => [`${schema}.${name}`, {}]);
  return { ...snapshot, domains: Object.fromEntries(domains) };
};

async function roundTrip(program, { server: on = server, extension } = {}) {
  const { name, url } = await on.createDatabase();
  if (extension) await query(url, `create extension ${extension}`);
  const declared = printed(program);
  const roles = Object.values(declared.roles).map((role) => role.name);
  configure(program, url, roles, './own');
  run(sluice, ['generate']);
  assert.match(run(sluice, ['generate']), /No schema changes detected/);
  run(sluice, ['diff', 'folder', `cpp:${program}`, '--exit-code']);
  rmSync(path.join(directory, 'own'), { recursive: true });
  configure(program, url, roles);
  run(sluice, ['push', '--force']);
  assert.match(run(sluice, ['push', '--force']), /No changes detected/);
  run(sluice, ['pull', '--format', 'cpp']);
  const header = readFileSync(path.join(directory, 'out/schema.hpp'), 'utf8');
  const tables = /TABLES\n\/\/ +(.*)\)/.exec(header)[1];
  const again = path.join(directory, 'again');
  writeFileSync(`${again}.cpp`, `#include "out/schema.hpp"\nint main() { return sluice::pg::print_schema(sluice::pg::schema(${tables.split(' ').join(', ')})); }\n`);
  compile(`${again}.cpp`, again);
  // The same objects, and nothing to do for any of them.
  const found = printed(again);
  const names = (snapshot) => Object.fromEntries(['tables', 'enums', 'schemas', 'sequences', 'roles', 'views', 'domains'].map((kind) => [kind, Object.keys(snapshot[kind]).sort()]));
  assert.deepEqual(names(found), names(declared), header);
  configure(again, url, roles);
  assert.match(run(sluice, ['push', '--force']), /No changes detected/, header);
  run(sluice, ['diff', `cpp:${again}`, 'database', '--exit-code']);
  rmSync(path.join(directory, 'out'), { recursive: true });
  // Roles belong to the whole server.
  await on.dropDatabase(name);
  for (const role of roles) await query(on.url, `drop role "${role.replaceAll('"', '""')}"`);
}

// Types with a modifier that keep texts, and access methods that keep nothing: enough for columns and indexes.
const standIn = `
create access method hnsw type index handler bthandler;
create access method ivfflat type index handler bthandler;
${['vector', 'halfvec', 'sparsevec'].map((type) => `
create type ${type};
create function ${type}_in(cstring) returns ${type} language internal immutable strict as 'textin';
create function ${type}_out(${type}) returns cstring language internal immutable strict as 'textout';
create function ${type}_typmod_in(cstring[]) returns integer language internal immutable strict as 'varchartypmodin';
create function ${type}_typmod_out(integer) returns cstring language internal immutable strict as 'varchartypmodout';
create type ${type} (input = ${type}_in, output = ${type}_out, typmod_in = ${type}_typmod_in, typmod_out = ${type}_typmod_out, storage = extended);
create function ${type}_cmp(${type}, ${type}) returns integer language internal immutable strict as 'bttextcmp';
create operator class ${type}_cosine_ops for type ${type} using hnsw as function 1 ${type}_cmp(${type}, ${type});
create operator class ${type}_l2_ops for type ${type} using ivfflat as function 1 ${type}_cmp(${type}, ${type});`).join('')}`;
async function serverWithStandIn() {
  const other = await Server.start({ major: 18 });
  const extensions = path.join(directory, 'extension');
  mkdirSync(extensions);
  chmodSync(directory, 0o755); // the server may be another user's
  writeFileSync(path.join(extensions, 'vector.control'), "default_version = '1'\nrelocatable = true\n");
  writeFileSync(path.join(extensions, 'vector--1.sql'), standIn);
  await query(other.url, `alter system set extension_control_path = '${directory}:$system'`);
  await query(other.url, 'select pg_reload_conf()');
  return other;
}

try {
  const available = (await query(server.url, 'select name from pg_available_extensions')).map(([name]) => name);
  if (available.includes('vector')) {
    await roundTrip(vectors, { extension: 'vector' });
  } else if (process.env.SLUICE_TEST_URL) {
    console.log('pgvector is not installed: without its types');
  } else {
    console.log('pgvector is not installed: its types are stand-ins');
    const other = await serverWithStandIn();
    try {
      await roundTrip(vectors, { server: other, extension: 'vector' });
    } finally {
      await other.stop();
    }
  }
  if (available.includes('postgis')) await roundTrip(geometry, { extension: 'postgis' });
  else console.log('PostGIS is not installed: without its types');
  for (const program of programs) await roundTrip(program);
  const seed = Number(process.env.SEED ?? 1), count = Number(process.env.SCHEMAS ?? 2);
  for (let i = seed; i < seed + count; i++) {
    console.log(`SEED=${i} SCHEMAS=1`);
    const made = path.join(directory, `random${i}`);
    mkdirSync(made);
    run(randomSchema, [String(i), made]);
    compile(path.join(made, 'main.cpp'), path.join(made, 'program'));
    run(sluice, ['diff', path.join(made, 'snapshot.json'), `cpp:${made}/program`, '--exit-code']);
    await roundTrip(path.join(made, 'program'));
  }
  console.log(`${programs.length} schemas and ${count} random ones come back`);
} finally {
  rmSync(directory, { recursive: true, force: true });
  await server.stop();
}
