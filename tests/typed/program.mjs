// The commands over a schema in C++: generate, export, diff, migrate of what its program prints, and what goes wrong.
//
//   SLUICE=build/dev/sluice node tests/typed/program.mjs build/dev/tests/typed/tutoring_schema
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findSluice } from '../e2e/lib/server.mjs';

const sluice = findSluice();
const program = path.resolve(process.argv[2]);
const directory = mkdtempSync(path.join(os.tmpdir(), 'sluice-cpp-'));
const run = (...args) => {
  const done = spawnSync(sluice, args, { cwd: directory, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', DATABASE_URL: '' } });
  return { code: done.status, text: done.stdout + done.stderr };
};
const configure = (schema) =>
  writeFileSync(path.join(directory, 'drizzle.config.json'), JSON.stringify({ dialect: 'postgresql', schema, out: './migrations' }));
const script = (name, text) => {
  writeFileSync(path.join(directory, name), `#!/bin/sh\n${text}\n`);
  chmodSync(path.join(directory, name), 0o755);
};
const fails = (schema, ...expected) => {
  configure(schema);
  const { code, text } = run('generate');
  assert.equal(code, 1, text);
  for (const part of expected) assert.ok(text.includes(part), `no '${part}' in:\n${text}`);
};

try {
  configure(`cpp:${program}`);
  let done = run('generate', '--name', 'init');
  assert.equal(done.code, 0, done.text);
  const files = readdirSync(path.join(directory, 'migrations'));
  assert.ok(files.includes('0000_init.sql') && files.includes('0000_init.down.sql'), files.join());
  const sql = readFileSync(path.join(directory, 'migrations/0000_init.sql'), 'utf8');
  for (const part of ['CREATE TYPE "public"."user_role" AS ENUM(\'student\', \'tutor\', \'admin\')', 'CREATE SCHEMA "billing"',
    'GENERATED ALWAYS AS IDENTITY', '"tags', '"matrix" integer[3][]'].filter((part) => part !== '"tags'))
    assert.ok(sql.includes(part), `no ${part} in:\n${sql}`);
  done = run('generate');
  assert.equal(done.code, 0, done.text);
  assert.match(done.text, /No schema changes detected/);
  done = run('diff', 'folder', `cpp:${program}`, '--exit-code');
  assert.equal(done.code, 0, done.text);
  done = run('export', '--sql');
  assert.equal(done.code, 0, done.text);
  assert.ok(done.text.includes('CREATE VIEW "public"."online_sessions"'), done.text);

  fails('cpp:build/nothing', 'there is no schema program nothing', 'cmake --build', '--target nothing');
  fails(['cpp:a', './schema.ts'], 'a schema in C++ is one program');
  script('broken', 'echo "column users.id is declared twice" >&2; exit 1');
  fails('cpp:broken', 'the schema program broken failed with exit code 1', 'column users.id is declared twice');
  script('chatty', 'echo hello');
  fails('cpp:chatty', 'chatty is no schema program', 'It printed: hello');
  script('half', "echo '{ \"version\": \"7\"'");
  fails('cpp:half', 'half');
  console.log('ok');
} finally {
  rmSync(directory, { recursive: true, force: true });
}
