// Files of a repository's copy, and programs run in it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs/promises';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';

const skipped = new Set(['node_modules', '.git', '.next', '.turbo', '.nx']);

export function run(command, args, cwd, env = {}) {
  const result = spawnSync(command, args, {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
    timeout: 600_000,
  });
  if (result.error && result.status === null) throw result.error;
  return { code: result.status, stdout: result.stdout, output: result.stdout + result.stderr };
}

// Without what is installed or built, and without links that lead out of it.
export async function copyRepository(from, to) {
  await fs.cp(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => source === from || !skipped.has(path.basename(source)),
  });
}

export async function* walk(directory) {
  for (const entry of await fs.readdir(directory, { withFileTypes: true })) {
    if (skipped.has(entry.name)) continue;
    const name = path.join(directory, entry.name);
    if (entry.isDirectory()) yield* walk(name);
    else if (entry.isFile()) yield name;
  }
}

export async function find(directory, test) {
  const found = [];
  for await (const name of walk(directory)) if (test(path.basename(name))) found.push(name);
  return found.sort();
}

const isSource = (file) => /\.[cm]?[jt]sx?$/.test(file) && !file.endsWith('.d.ts');

// `*`, `**` and `{a,b}` as a regular expression.
function globPattern(glob) {
  const pattern = glob.replace(/[.+^$()|[\]\\]/g, '\\$&').replace(/\*\*\/|\*\*|\*|\?|\{[^}]*\}/g, (part) =>
    ({ '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' })[part] ?? `(?:${part.slice(1, -1).split(',').map((text) => text.replaceAll('*', '[^/]*')).join('|')})`);
  return new RegExp(`^${pattern}$`);
}

// The files that drizzle-kit reads for `schema` of a configuration.
export async function schemaFiles(project, schema) {
  const files = new Set();
  for (const entry of [schema].flat().filter(Boolean)) {
    const name = path.resolve(project, entry);
    const fixed = path.dirname(name.split(/[*{?]/)[0] + 'x');
    if (existsSync(name) && !statSync(name).isDirectory()) files.add(name);
    else if (existsSync(name)) for await (const file of walk(name)) files.add(file);
    else if (existsSync(fixed)) for await (const file of walk(fixed)) if (globPattern(name).test(file)) files.add(file);
  }
  return [...files].filter(isSource).sort();
}

// Statements of a migration, without its head of comments, split where drizzle-orm splits.
export const statementsOf = (text) =>
  text
    .replace(/^-- (Migration|Created): .*\n/gm, '')
    .split('--> statement-breakpoint')
    .map((statement) => statement.trim())
    .filter(Boolean);
