// Tries Sluice on a repository that uses Drizzle with PostgreSQL, beside drizzle-kit 0.31.11. In copies; the repository
// and its databases are not touched.
//
//   tools/real-project <git-url-or-directory> [--config FILE] [--cwd DIR] [--keep]
//
//   1. the schema is evaluated: `sluice generate --dry-run` says what `drizzle-kit generate` says
//   2. the whole migrations folder is replayed on a scratch database with `sluice migrate`; drizzle-orm agrees
//   3. after `sluice generate` drizzle-kit finds nothing to do, and after `drizzle-kit generate` sluice finds nothing
//
// Packages that the schema and the configuration import are installed (npm, without scripts) unless node_modules is
// there. Needs: npm ci in tests/, a sluice binary, git for URLs.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findSluice, query, root, Server } from '../tests/e2e/lib/server.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { config: { type: 'string' }, cwd: { type: 'string' }, keep: { type: 'boolean' } },
});
if (positionals.length !== 1) {
  console.error('usage: tools/real-project <git-url-or-directory> [--config FILE] [--cwd DIR] [--keep]');
  process.exit(1);
}
// tsx brings it.
const esbuild = createRequire(path.join(root, 'tests/node_modules/tsx/package.json'))('esbuild');
const sluice = findSluice();
const top = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-real-'));
await fs.chmod(top, 0o755);
const repository = path.join(top, 'repository');
let failures = 0;

function say(good, what, detail = '') {
  if (!good) failures++;
  console.log(`${good ? 'ok    ' : 'FAILED'} ${what}${detail ? `: ${detail}` : ''}`);
}

function run(command, args, cwd, env = {}) {
  const result = spawnSync(command, args, {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  });
  if (result.error) throw result.error;
  return { code: result.status, stdout: result.stdout, output: result.stdout + result.stderr };
}

const skipped = new Set(['node_modules', '.git', '.next', 'dist', '.turbo']);

async function copy(from, to) {
  await fs.cp(from, to, { recursive: true, filter: (source) => !skipped.has(path.basename(source)) || source === from });
}

async function* walk(directory) {
  for (const entry of await fs.readdir(directory, { withFileTypes: true })) {
    if (skipped.has(entry.name)) continue;
    const name = path.join(directory, entry.name);
    if (entry.isDirectory()) yield* walk(name);
    else if (entry.isFile()) yield name;
  }
}

async function find(test) {
  const found = [];
  for await (const name of walk(repository)) if (test(path.basename(name))) found.push(name);
  return found;
}

async function findConfig() {
  if (options.config) return path.resolve(repository, options.config);
  const found = [];
  for (const name of await find((base) => /^drizzle.*\.config\.(ts|js|json)$/.test(base)))
    if (/postgres/.test(await fs.readFile(name, 'utf8'))) found.push(name);
  if (found.length !== 1) throw new Error(`--config is needed: ${found.join(', ') || 'no drizzle.config.* for PostgreSQL'}`);
  return found[0];
}

// ---- packages

async function readManifests() {
  const byName = new Map();
  const ranges = new Map();
  for (const file of await find((base) => base === 'package.json')) {
    const manifest = JSON.parse(await fs.readFile(file, 'utf8'));
    if (manifest.name) byName.set(manifest.name, path.dirname(file));
    for (const [name, range] of Object.entries({ ...manifest.devDependencies, ...manifest.dependencies }))
      if (!ranges.has(name) || path.dirname(file) === project) ranges.set(name, range);
  }
  return { byName, ranges };
}

const packageOf = (specifier) => specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');

// What the files import from packages, following packages of the same workspace.
async function importedPackages(entries, workspaces) {
  const found = new Set();
  const queue = [...entries];
  const seen = new Set();
  while (queue.length) {
    const entry = queue.pop();
    if (seen.has(entry)) continue;
    seen.add(entry);
    const result = await esbuild.build({
      entryPoints: [entry], bundle: true, write: false, metafile: true, platform: 'node', logLevel: 'silent',
      packages: 'external', absWorkingDir: project, loader: { '.node': 'empty' },
    }).catch((error) => {
      console.log(`       esbuild: ${error.message.split('\n')[1] ?? error.message}`);
      return null;
    });
    for (const input of Object.values(result?.metafile.inputs ?? {}))
      for (const { path: specifier, external } of input.imports) {
        if (!external || specifier.startsWith('node:')) continue;
        const name = packageOf(specifier);
        const workspace = workspaces.get(name);
        if (!workspace) found.add(name);
        else {
          const manifest = JSON.parse(await fs.readFile(path.join(workspace, 'package.json'), 'utf8'));
          const key = specifier === name ? '.' : `.${specifier.slice(name.length)}`;
          const target = resolveExport(manifest, key);
          const file = [target, `${target}.ts`, `${target}/index.ts`].map((part) => path.join(workspace, part)).find(existsSync);
          if (file) queue.push(file);
        }
      }
  }
  return found;
}

function resolveExport({ exports = {}, main = 'index.ts' }, key) {
  const direct = typeof exports === 'string' && key === '.' ? exports : exports[key];
  const pick = (value) => (typeof value === 'object' && value ? pick(value.import ?? value.default ?? value.require) : value);
  if (direct) return pick(direct);
  for (const [pattern, value] of Object.entries(exports)) {
    const [head, tail] = pattern.split('*');
    if (tail !== undefined && key.startsWith(head) && key.endsWith(tail))
      return pick(value).replaceAll('*', key.slice(head.length, key.length - tail.length || undefined));
  }
  return key === '.' ? main : key;
}

async function install(packages, { byName, ranges }, instead = {}) {
  const builtin = new Set((await import('node:module')).builtinModules);
  const dependencies = {};
  for (const name of [...packages, 'drizzle-orm', 'pg'])
    if (!builtin.has(name) && !name.startsWith('@/') && !name.startsWith('~')) {
      const range = ranges.get(name) ?? '*';
      if (!range.startsWith('workspace:')) dependencies[name] = range.startsWith('catalog:') ? '*' : range;
    }
  Object.assign(dependencies, { 'drizzle-kit': '0.31.11' }, instead);
  const directory = path.join(top, 'packages');
  await fs.mkdir(directory, { recursive: true });
  await fs.writeFile(path.join(directory, 'package.json'), JSON.stringify({ private: true, dependencies }, null, 2));
  const installed = run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps', '--loglevel=error'], directory);
  if (installed.code !== 0) throw new Error(`npm install failed\n${installed.output}`);
  for (const [name, where] of byName) {
    const link = path.join(directory, 'node_modules', name);
    if (existsSync(link)) continue;
    await fs.mkdir(path.dirname(link), { recursive: true });
    await fs.symlink(where, link);
  }
  // At the top, so that every package of the workspace finds them.
  await fs.rm(path.join(repository, 'node_modules'), { recursive: true, force: true });
  await fs.rename(path.join(directory, 'node_modules'), path.join(repository, 'node_modules'));
  return dependencies;
}

// ---- the comparison

const statementsOf = (text) =>
  text
    .replace(/^-- (Migration|Created): .*\n/gm, '')
    .split('--> statement-breakpoint')
    .map((statement) => statement.trim())
    .filter(Boolean);

async function main() {
  const [source] = positionals;
  if (existsSync(source)) await copy(path.resolve(source), repository);
  else {
    const cloned = run('git', ['clone', '--depth', '1', source, repository], top);
    if (cloned.code !== 0) throw new Error(cloned.output);
  }
  const config = await findConfig();
  project = options.cwd ? path.resolve(repository, options.cwd) : path.dirname(config);
  const flag = `--config=${path.relative(project, config)}`;
  console.log(`       ${path.relative(repository, config)} in ${path.relative(repository, project) || '.'}`);

  const manifests = await readManifests();
  const text = await fs.readFile(config, 'utf8');
  const value = (key) => new RegExp(`${key}:\\s*["'\`]([^"'\`]+)`).exec(text)?.[1];
  const schema = value('schema');
  const out = path.join(project, value('out') ?? 'drizzle');
  const ledger = { table: value('table') ?? '__drizzle_migrations', schema: /migrations:\s*{[^}]*schema:\s*["']([^"']+)/s.exec(text)?.[1] ?? 'drizzle' };
  const schemaFiles = /[*{]/.test(schema) || !/\.\w+$/.test(schema)
    ? (await find((base) => /\.tsx?$/.test(base))).filter((file) => file.startsWith(path.join(project, schema.split('*')[0])))
    : [path.join(project, schema)];
  const packages = await importedPackages([config, ...schemaFiles], manifests.byName);
  const dependencies = await install(packages, manifests);
  console.log(`       packages: ${Object.entries(dependencies).map(([name, range]) => `${name}@${range}`).join(' ')}`);

  const server = await Server.start();
  try {
    const database = await server.createDatabase();
    const env = { DATABASE_URL: database.url, POSTGRES_URL: database.url };
    const kit = [path.join(repository, 'node_modules/drizzle-kit/bin.cjs')];
    const journal = async () => JSON.parse(await fs.readFile(path.join(out, 'meta/_journal.json'), 'utf8')).entries;
    const newest = async () => fs.readFile(path.join(out, `${(await journal()).at(-1).tag}.sql`), 'utf8');
    const saved = path.join(top, 'saved');
    await fs.cp(out, saved, { recursive: true });
    const putBack = async () => {
      await fs.rm(out, { recursive: true });
      await fs.cp(saved, out, { recursive: true });
    };
    const count = (await journal()).length;

    // 2. the folder, before anything is added to it
    const began = Date.now();
    const migrated = run(sluice, ['migrate', flag, '--url', database.url], project, env);
    const rows = await query(database.url, `select count(*) from "${ledger.schema}"."${ledger.table}"`).catch((error) => [[error.message]]);
    say(migrated.code === 0 && rows[0][0] === String(count), `sluice migrate replays ${count} migrations`,
      migrated.code === 0 ? `${rows[0][0]} in the ledger, ${Date.now() - began} ms` : `exit ${migrated.code}\n${migrated.output}`);
    if (migrated.code === 0) {
      const drizzle = path.join(project, 'drizzle-migrate.mjs');
      await fs.copyFile(path.join(root, 'tests/e2e/lib/drizzle-migrate.mjs'), drizzle);
      const again = run(process.execPath, [drizzle, out, ledger.table, ledger.schema], project, env);
      await fs.rm(drizzle);
      const after = await query(database.url, `select count(*) from "${ledger.schema}"."${ledger.table}"`);
      say(again.code === 0 && after[0][0] === String(count), "drizzle-orm's migrate() has nothing to do", again.code ? again.output : '');
      const [[tables]] = await query(database.url, "select count(*) from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace");
      console.log(`       ${tables} tables in public`);
    }

    // 1. what each would generate
    let theirs = run(process.execPath, [...kit, 'generate', flag], project, env);
    if (theirs.output.includes('requires newer version of drizzle-orm')) {
      const own = run(sluice, ['generate', flag, '--dry-run'], project, env);
      say(own.code === 0, `sluice evaluates the schema with drizzle-orm ${dependencies['drizzle-orm']}`, own.code ? own.output : '');
      console.log('       drizzle-kit 0.31.11 needs a newer drizzle-orm: going on with 0.45.4');
      await install(packages, manifests, { 'drizzle-orm': '0.45.4' });
      theirs = run(process.execPath, [...kit, 'generate', flag], project, env);
    }
    const theirsNothing = theirs.output.includes('No schema changes');
    const theirsWrote = (await journal()).length > count;
    const theirStatements = theirsWrote ? statementsOf(await newest()) : [];
    const afterTheirs = theirsWrote ? run(sluice, ['generate', flag, '--dry-run'], project, env) : null;
    await putBack();
    const start = Date.now();
    const dry = run(sluice, ['generate', flag, '--dry-run'], project, env);
    const took = Date.now() - start;
    const oursNothing = dry.output.includes('No schema changes');
    if (!theirsNothing && !theirsWrote) console.log(`       drizzle-kit: ${theirs.output.trim().split('\n').at(-1)}`);
    say(dry.code === 0 || !(theirsNothing || theirsWrote), 'sluice evaluates the schema', dry.code === 0 ? `${took} ms` : `exit ${dry.code}\n${dry.output}`);
    say(theirsNothing === oursNothing, 'sluice and drizzle-kit agree whether there is something to generate', oursNothing ? 'nothing' : '');

    // 3. both ways
    if (dry.code === 0 && !oursNothing) {
      const ours = run(sluice, ['generate', flag], project, env);
      const ourStatements = ours.code === 0 ? statementsOf(await newest()) : [];
      const different = [...theirStatements.filter((s) => !ourStatements.includes(s)).map((s) => `- ${s}`), ...ourStatements.filter((s) => !theirStatements.includes(s)).map((s) => `+ ${s}`)];
      say(different.length === 0, `the same ${ourStatements.length} statements`, different.join('\n'));
    }
    if (dry.code === 0) {
      const left = run(process.execPath, [...kit, 'generate', flag], project, env);
      say(left.output.includes('No schema changes'), 'drizzle-kit finds nothing after sluice', left.output.includes('No schema changes') ? '' : left.output);
    }
    if (afterTheirs) say(afterTheirs.output.includes('No schema changes'), 'sluice finds nothing after drizzle-kit', afterTheirs.code ? afterTheirs.output : '');
    await putBack();
    const check = run(sluice, ['check', flag], project, env);
    console.log(`       sluice check: exit ${check.code}${check.output.trim() ? `\n${check.output.trim().replace(/^/gm, '         ')}` : ''}`);
  } finally {
    await server.stop();
  }
}

let project;
try {
  await main();
} catch (error) {
  say(false, error.message);
} finally {
  if (options.keep) console.log(`kept: ${top}`);
  else await fs.rm(top, { recursive: true, force: true });
}
process.exitCode = failures ? 1 : 0;
