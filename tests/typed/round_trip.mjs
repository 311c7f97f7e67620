// C++ schema → SQL → database → `pull --format cpp` → C++ schema: compiled again it is the same model, and the database
// needs no change for it.
//
//   SLUICE=build/dev/sluice node tests/typed/round_trip.mjs SCHEMA_PROGRAM… -- COMPILER FLAG… (with {} for the source)
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findSluice, Server } from '../e2e/lib/server.mjs';

const sluice = findSluice();
const split = process.argv.indexOf('--');
const programs = process.argv.slice(2, split).map((program) => path.resolve(program));
const compiler = process.argv.slice(split + 1);
const server = await Server.start();
const directory = mkdtempSync(path.join(os.tmpdir(), 'sluice-round-trip-'));
const run = (command, args) => {
  const done = spawnSync(command, args, { cwd: directory, encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, NO_COLOR: '1', DATABASE_URL: '' } });
  assert.equal(done.status, 0, `${command} ${args.join(' ')}\n${done.stdout}${done.stderr}`);
  return done.stdout + done.stderr;
};
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

try {
  for (const program of programs) {
    const { url } = await server.createDatabase();
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
    run(compiler[0], compiler.slice(1).map((flag) => (flag === '{}' ? `${again}.cpp` : flag)).concat('-o', again));
    // The same objects, and nothing to do for any of them.
    const found = printed(again);
    const names = (snapshot) => Object.fromEntries(['tables', 'enums', 'schemas', 'sequences', 'roles', 'views', 'domains'].map((kind) => [kind, Object.keys(snapshot[kind]).sort()]));
    assert.deepEqual(names(found), names(declared), header);
    configure(again, url, roles);
    assert.match(run(sluice, ['push', '--force']), /No changes detected/, header);
    run(sluice, ['diff', `cpp:${again}`, 'database', '--exit-code']);
    rmSync(path.join(directory, 'out'), { recursive: true });
  }
  console.log(`${programs.length} schemas come back`);
} finally {
  rmSync(directory, { recursive: true, force: true });
  await server.stop();
}
