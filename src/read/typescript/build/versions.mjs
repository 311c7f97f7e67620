// node versions.mjs <node_modules> <output>: the versions of the embedded packages, one a line.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [packages, output] = process.argv.slice(2);
const versions = ['drizzle-orm', 'drizzle-orm-v1', 'esbuild'].map(
  (name) => JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8')).version);
const text = versions.join('\n') + '\n';
if (!existsSync(output) || readFileSync(output, 'utf8') !== text) writeFileSync(output, text);
