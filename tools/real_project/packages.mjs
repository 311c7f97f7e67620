// Installs what the schema and the configuration of a workspace import, and no more: whole monorepos take minutes and
// gigabytes. Packages of the workspace itself are linked.
import fs from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import path from 'node:path';
import { root } from '../../tests/e2e/lib/server.mjs';
import { find, run } from './files.mjs';

// tsx brings it.
export const esbuild = createRequire(path.join(root, 'tests/node_modules/tsx/package.json'))('esbuild');
const builtin = new Set(builtinModules);

const readJson = async (file) => JSON.parse(await fs.readFile(file, 'utf8'));

// name → range, from `catalog:` of pnpm-workspace.yaml and of package.json (bun).
async function readCatalog(repository) {
  const catalog = {};
  const file = path.join(repository, 'pnpm-workspace.yaml');
  if (existsSync(file))
    for (const [, name, range] of (await fs.readFile(file, 'utf8')).matchAll(/^\s+["']?(@?[\w./-]+)["']?:\s*["']?([~^>=<\w.-]+)["']?\s*$/gm))
      catalog[name] ??= range;
  const manifest = path.join(repository, 'package.json');
  if (existsSync(manifest)) {
    const { workspaces = {}, catalog: own = {} } = await readJson(manifest);
    Object.assign(catalog, workspaces.catalog, ...Object.values(workspaces.catalogs ?? {}), own);
  }
  return catalog;
}

// The workspace's own packages, and the ranges it asks for; those of the project itself come first.
export async function readWorkspace(repository, project) {
  const byName = new Map();
  const ranges = new Map();
  for (const file of await find(repository, (base) => base === 'package.json')) {
    const manifest = await readJson(file).catch(() => ({}));
    if (manifest.name && file !== path.join(repository, 'package.json')) byName.set(manifest.name, path.dirname(file));
    for (const [name, range] of Object.entries({ ...manifest.peerDependencies, ...manifest.devDependencies, ...manifest.dependencies }))
      if (!ranges.has(name) || path.dirname(file) === project) ranges.set(name, range);
  }
  return { byName, ranges, catalog: await readCatalog(repository) };
}

const packageOf = (specifier) => specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');

// Packages of the same workspace, where its package manager would link them. At the top, so that all of them find them.
async function link(directory, repository, { byName }) {
  const modules = path.join(directory, 'node_modules');
  for (const [name, where] of byName) {
    const at = path.join(modules, name);
    if (existsSync(at)) continue;
    await fs.mkdir(path.dirname(at), { recursive: true });
    await fs.symlink(where, at);
  }
  const top = path.join(repository, 'node_modules');
  await fs.rm(top, { recursive: true, force: true });
  await fs.symlink(modules, top);
}

// A package of the workspace that is built before it is used: the built file is made from the source of the same name.
async function buildEntry(directory) {
  const manifest = await readJson(path.join(directory, 'package.json'));
  const targets = new Set();
  const collect = (value) => (typeof value === 'string' ? targets.add(value) : Object.values(value ?? {}).forEach(collect));
  collect(manifest.exports ?? manifest.main ?? 'index.js');
  for (const target of targets) {
    const file = path.join(directory, target);
    const source = [...'ts tsx js'.split(' ')]
      .map((extension) => path.join(directory, 'src', target.replace(/^\.?\/?(dist|build|lib)\//, '').replace(/(\.d)?\.[cm]?[jt]sx?$/, `.${extension}`)))
      .find(existsSync);
    if (existsSync(file) || !source || !/\.[cm]?js$/.test(target)) continue;
    const format = target.endsWith('.cjs') || (manifest.type !== 'module' && !target.endsWith('.mjs')) ? 'cjs' : 'esm';
    await esbuild.build({ entryPoints: [source], outfile: file, bundle: true, packages: 'external', platform: 'node', format, logLevel: 'silent' });
  }
}

// A schema that the configuration reads from `dist`, transpiled there.
export async function buildSchema(project, schema) {
  for (const entry of [schema].flat().filter(Boolean)) {
    const source = path.resolve(project, entry.replace(/(^|\/)dist\//, '$1'));
    const built = path.resolve(project, entry);
    if (source === built || !existsSync(source) || existsSync(built)) continue;
    await esbuild.build({ entryPoints: await find(source, (base) => base.endsWith('.ts')), outdir: built, outbase: source, format: 'esm', logLevel: 'silent' });
  }
}

// What the files import and cannot find, in files of the project or its workspace.
async function missing(entries, project, { byName }) {
  const found = new Set();
  for (const entry of entries) {
    const failed = await esbuild
      .build({
        entryPoints: [entry], bundle: true, write: false, platform: 'node', logLevel: 'silent', logLimit: 0, format: 'esm', outdir: project,
        absWorkingDir: project, loader: { '.node': 'empty' },
      })
      .catch((error) => error);
    for (const { text, location } of failed.errors ?? []) {
      const specifier = /^Could not resolve "([^"]+)"/.exec(text)?.[1];
      if (!specifier || /^[./~#]|^@\//.test(specifier) || location?.file.includes('node_modules/')) continue;
      const name = packageOf(specifier);
      if (byName.has(name)) await buildEntry(byName.get(name));
      found.add(name);
    }
  }
  return found;
}

// Installs until nothing that can be had is missing: node_modules in `directory`, linked into the repository. Gives
// what was asked for.
export async function install(directory, repository, project, entries, workspace, instead = {}) {
  const { byName, ranges, catalog } = workspace;
  const file = path.join(directory, 'package.json');
  const dependencies = existsSync(file) ? (await readJson(file)).dependencies : {};
  const add = (name) => {
    const range = ranges.get(name) ?? '*';
    dependencies[name] = /^(catalog|workspace|link|file|patch):/.test(range) ? catalog[name] ?? '*' : range;
  };
  for (const name of ['drizzle-orm', 'pg']) if (!dependencies[name]) add(name);
  Object.assign(dependencies, { 'drizzle-kit': '0.31.11' }, instead);
  await fs.mkdir(path.join(directory, 'node_modules'), { recursive: true });
  await link(directory, repository, workspace);
  const tried = new Set();
  for (;;) {
    const wanted = [...(await missing(entries, project, workspace))].filter((name) => !tried.has(name));
    if (wanted.length === 0 && tried.size > 0) break;
    for (const name of wanted) if (!byName.has(name) && !builtin.has(name)) add(name);
    [...wanted, 'drizzle-orm'].forEach((name) => tried.add(name));
    // The links would be taken for packages that nobody asked for.
    for (const name of byName.keys()) await fs.rm(path.join(directory, 'node_modules', name), { recursive: true, force: true });
    for (;;) {
      await fs.writeFile(file, JSON.stringify({ private: true, dependencies }, null, 2));
      const installed = run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--force', '--loglevel=error'], directory);
      if (installed.code === 0) break;
      // A package that the registry has not, or not in that version.
      const unknown = /404\s+'?(@?[^@\s']+)@/.exec(installed.output)?.[1];
      const version = /No matching version found for (@?[^@\s]+)@/.exec(installed.output)?.[1];
      if (version && dependencies[version] && dependencies[version] !== '*') dependencies[version] = '*';
      else if (dependencies[unknown ?? version]) delete dependencies[unknown ?? version];
      else throw new Error(`npm install failed\n${installed.output}`);
    }
    await link(directory, repository, workspace);
  }
  return Object.keys(dependencies);
}

export const versionOf = async (directory, name) => (await readJson(path.join(directory, 'node_modules', name, 'package.json'))).version;
