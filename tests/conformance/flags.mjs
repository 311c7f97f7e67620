#!/usr/bin/env node
// Every flag that drizzle-kit's --help lists is known to the command of the same name, with every value that has a
// meaning for PostgreSQL.
//
//   node tests/conformance/flags.mjs
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findSluice, root } from '../e2e/lib/server.mjs';

const drizzleKit = path.join(root, 'tests/node_modules/drizzle-kit/bin.cjs');
const commands = ['generate', 'migrate', 'introspect', 'pull', 'push', 'studio', 'up', 'check', 'drop', 'export'];
const values = {
  '--config': ['drizzle.config.ts'],
  '--schema': ['schema.ts'],
  '--out': ['drizzle'],
  '--dialect': ['postgresql'],
  '--driver': ['pglite', 'aws-data-api'],
  '--port': ['5432'],
  '--ssl': ['require'],
  '--url': ['postgresql://nobody@127.0.0.1:1/none'],
};
const refused = /unexpected: |not in \{|The following argument|required/;

const sluice = findSluice();
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'sluice-flags-'));
// Nothing can be reached: what counts is what the command line says.
fs.writeFileSync(
  path.join(directory, 'drizzle.config.ts'),
  `export default { dialect: 'postgresql', schema: './schema.ts', out: './drizzle', dbCredentials: { url: '${values['--url'][0]}' } };\n`,
);
fs.writeFileSync(path.join(directory, 'schema.ts'), `import { integer, pgTable } from 'drizzle-orm/pg-core';\nexport const t = pgTable('t', { id: integer() });\n`);

let tried = 0;
const failures = [];
try {
  for (const command of commands) {
    const help = spawnSync(process.execPath, [drizzleKit, command, '--help'], { encoding: 'utf8', cwd: directory }).stdout;
    const flags = [...help.matchAll(/^  (--[\w-]+)(?: (string|number|\[[^\]]*\]))?/gm)];
    if (flags.length === 0) failures.push(`drizzle-kit ${command} --help lists no flags:\n${help}`);
    for (const [, flag, kind] of flags) {
      const given = !kind ? [[]] : (values[flag] ?? (kind.startsWith('[') ? kind.slice(1, -1).split('|').map((word) => word.trim()) : ['x'])).map((value) => [value]);
      for (const value of given) {
        const args = [command, flag, ...value];
        const run = spawnSync(sluice, args, { encoding: 'utf8', cwd: directory, env: { ...process.env, PGCONNECT_TIMEOUT: '1' }, timeout: 20_000, input: '' });
        tried++;
        if (refused.test(run.stderr) || run.signal) failures.push(`sluice ${args.join(' ')}: ${run.signal ?? run.stderr.trim()}`);
      }
    }
  }
} finally {
  fs.rmSync(directory, { recursive: true, force: true });
}
for (const failure of failures) console.log(failure);
console.log(`${tried} flags and values of drizzle-kit tried, ${failures.length} unknown here`);
if (failures.length > 0 || tried < 60) process.exit(1);
