// node versions.mjs <node_modules> <esbuild program> <output>: the versions of the embedded packages and the checksum of
// the program, one a line.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [packages, esbuild, output] = process.argv.slice(2);
const versions = ['drizzle-orm', 'drizzle-orm-v1', 'esbuild'].map(
  (name) => JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8')).version);
const sum = createHash('sha256').update(readFileSync(esbuild)).digest('hex').slice(0, 12);
const text = [...versions, sum].join('\n') + '\n';
if (!existsSync(output) || readFileSync(output, 'utf8') !== text) writeFileSync(output, text);
