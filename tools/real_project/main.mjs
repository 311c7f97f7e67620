// Tries Sluice on repositories that use Drizzle with PostgreSQL, beside drizzle-kit 0.31.11 and drizzle-orm. It works in
// copies, on databases of its own; the repositories are not touched. Prints what fails, and a table at the end.
//
//   tools/real-project [--config FILE] [--cwd DIR] [--no-pairs] [--keep] <directory or git URL> …
//
//   schema   the snapshot of the whole schema is the same three times: from Sluice with the project's drizzle-orm, from
//            Sluice with the drizzle-orm that it brings, from drizzle-kit
//   folder   `sluice migrate` and drizzle-orm's migrate(), each on an empty database, reach the same catalog; then
//            drizzle-orm has nothing to do on ours
//   next     `sluice generate` finds what `drizzle-kit generate` finds, and either finds nothing after the other
//   up       of the project's snapshots that follow each other, how many our migration takes from the catalog of the
//            first to that of the second, on a real server
//   down     how many the way back returns to the catalog of the first
//
// The packages that schema and configuration import are installed from npm, without their scripts. The project's
// configuration and schema are run by drizzle-kit as they stand: read them first. --config and --cwd (the directory
// that paths of the configuration start from) are for a repository where they are not found. `--keep` leaves the copy.
// Needs: npm ci in tests/, a sluice binary ($SLUICE, else build/release, else build/dev), git for URLs.
import fs from 'node:fs/promises';
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { findSluice, query, root, Server } from '../../tests/e2e/lib/server.mjs';
import { copyRepository, find, run, schemaFiles, statementsOf } from './files.mjs';
import { buildSchema, esbuild, install, readWorkspace, versionOf } from './packages.mjs';
import { catalog, difference, replayPairs } from './pairs.mjs';
import { StandIns } from './stand_ins.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { config: { type: 'string' }, cwd: { type: 'string' }, 'no-pairs': { type: 'boolean' }, keep: { type: 'boolean' } },
});
if (positionals.length === 0 || ((options.config || options.cwd) && positionals.length > 1)) {
  console.error('usage: tools/real-project [--config FILE] [--cwd DIR] [--no-pairs] [--keep] <directory or git URL> …\n(--config and --cwd: with one directory)');
  process.exit(1);
}
const sluice = findSluice();
const tried = [];

// One configuration of one repository.
class Project {
  row = { project: '', commit: '', orm: '', tables: '–', migrations: '–', schema: '–', folder: '–', next: '–', up: '–', down: '–', notes: [] };

  constructor(name, top, config) {
    this.top = top;
    this.repository = path.join(top, 'repository');
    this.config = config;
    this.row.project = name;
    tried.push(this.row);
  }

  say(good, what, detail = '') {
    if (!good) this.row.failed = (this.row.failed ?? 0) + 1;
    console.log(`${good ? 'ok    ' : 'FAILED'} ${what}${detail ? `: ${detail}` : ''}`);
    return good;
  }

  install(instead) {
    return install(this.packages, this.repository, this.project, this.entries, this.workspace, instead);
  }
  sluice(args) {
    return run(sluice, args, this.project, this.env);
  }
  kit(args) {
    return run(process.execPath, [path.join(this.repository, 'node_modules/drizzle-kit/bin.cjs'), ...args], this.project, this.env);
  }

  // What the configuration says, by running it; in each directory from which its paths could start.
  async readConfig() {
    const bundle = path.join(path.dirname(this.config), '.real-project-config.mjs');
    const place = { __dirname: path.dirname(this.config), __filename: this.config };
    await esbuild.build({
      entryPoints: [this.config], bundle: true, packages: 'external', platform: 'node', format: 'esm', outfile: bundle, logLevel: 'silent',
      define: Object.fromEntries(Object.entries(place).map(([key, value]) => [key, JSON.stringify(value)])),
    });
    this.env = { DATABASE_URL: this.url, POSTGRES_URL: this.url };
    for (const [, name] of (await fs.readFile(bundle, 'utf8')).matchAll(/process\.env(?:\.|\[['"])(\w+)/g))
      if (/UR[LI]|CONNECTION|_DB$|POOLER/.test(name)) this.env[name] = this.url;
    const loader = pathToFileURL(path.join(root, 'tests/node_modules/tsx/dist/esm/index.mjs')).href;
    const program = `const it = (await import(${JSON.stringify(bundle)})).default; console.log('\\n' + JSON.stringify(it))`;
    let problem = '';
    let start = options.cwd ? path.resolve(this.repository, options.cwd) : path.dirname(this.config);
    try {
      for (; ; start = path.dirname(start)) {
        const result = run(process.execPath, ['--import', loader, '--input-type=module', '-e', program], start, this.env);
        if (result.code === 0) {
          const value = JSON.parse(result.stdout.trim().split('\n').at(-1));
          await buildSchema(start, value.schema);
          if ((await schemaFiles(start, value.schema)).length || options.cwd) {
            this.project = start;
            return value;
          }
          problem = `no file for its schema ${JSON.stringify(value.schema)}`;
        } else problem = result.output;
        if (start === this.repository) throw new Error(`${path.relative(this.repository, this.config)}: ${problem}`);
      }
    } finally {
      await fs.rm(bundle);
    }
  }

  // 1. the schema, evaluated three times
  async compareSchemas(value) {
    // drizzle-kit takes no --out beside --config.
    const config = path.join(this.project, 'real-project.config.json');
    const fresh = async (name, tool) => {
      const out = path.join(this.top, name);
      await fs.writeFile(config, JSON.stringify({ dialect: 'postgresql', schema: value.schema, out: path.relative(this.project, out), casing: value.casing }));
      const result = tool([`generate`, `--config=${path.relative(this.project, config)}`]);
      const file = path.join(out, 'meta/0000_snapshot.json');
      if (!existsSync(file)) return { problem: result.output || `exit ${result.code}` };
      const { id, prevId, ...snapshot } = JSON.parse(await fs.readFile(file, 'utf8'));
      return { snapshot, lines: JSON.stringify(snapshot, null, 1).split('\n') };
    };
    const compare = (what, one, other) => {
      if (one.problem || other.problem) return this.say(false, what, one.problem ?? other.problem);
      const same = one.lines.join() === other.lines.join();
      return this.say(same, what, same ? '' : difference(one.lines, other.lines) || 'in another order');
    };
    const began = Date.now();
    const own = await fresh('own', (args) => this.sluice([...args, '--force']));
    const took = Date.now() - began;
    this.evaluates = this.say(!own.problem, `sluice evaluates the schema with drizzle-orm ${this.row.orm}`, own.problem ?? `${took} ms`);
    const installed = path.join(this.packages, 'node_modules/drizzle-orm');
    await fs.rename(installed, `${installed}-away`);
    const brought = await fresh('brought', (args) => this.sluice([...args, '--force']));
    await fs.rename(`${installed}-away`, installed);
    const embedded = compare('and with the one that it brings', brought, own);
    let kit = await fresh('kit', (args) => this.kit(args));
    if (/requires newer version of drizzle-orm|drizzle-kit is outdated/.test(kit.problem)) {
      this.row.notes.push(`drizzle-kit 0.31.11 refuses drizzle-orm ${this.row.orm}; compared with 0.45.4`);
      await this.install({ 'drizzle-orm': '0.45.4' });
      kit = await fresh('kit', (args) => this.kit(args));
    }
    const theirs = compare('drizzle-kit writes the same snapshot', own, kit);
    await fs.rm(config);
    this.row.tables = own.snapshot ? Object.keys(own.snapshot.tables).length : '?';
    this.row.schema = this.evaluates && embedded && theirs ? 'same' : 'FAILED';
  }

  // 2. the folder as it stands
  async replay(ledger, tags) {
    const count = tags.length;
    const lost = tags.filter((tag) => !existsSync(path.join(this.out, `${tag}.sql`)));
    if (lost.length) {
      this.row.folder = 'incomplete';
      this.row.notes.push(`${lost.length} SQL files are not in the repository`);
      return false;
    }
    const ours = await this.server.createDatabase();
    // On a server of its own: migrations create roles, which belong to all databases of a server.
    const other = await Server.start();
    const theirs = await other.createDatabase();
    for (const { url } of [ours, theirs]) await this.standIns.prepare(url);
    const program = path.join(this.project, 'real-project-migrate.mjs');
    await fs.copyFile(path.join(root, 'tests/e2e/lib/drizzle-migrate.mjs'), program);
    const drizzle = (url) => run(process.execPath, [program, this.out, ledger.table, ledger.schema], this.project, { ...this.env, DATABASE_URL: url });
    const rows = async (url) => Number((await query(url, `select count(*) from "${ledger.schema}"."${ledger.table}"`).catch(() => [[0]]))[0][0]);
    // Dated out of order: drizzle-orm skips them in silence, and ours refuses them when others are applied already.
    const began = Date.now();
    const migrated = this.sluice(['migrate', this.flag, '--url', ours.url]);
    const took = Date.now() - began;
    const orm = drizzle(theirs.url);
    let good;
    if (migrated.code !== 0 && orm.code !== 0) {
      const [sentence] = migrated.output.match(/error: .*/) ?? [migrated.output];
      good = this.say(true, `neither sluice nor drizzle-orm can replay the ${count} migrations`, sentence);
      this.row.folder = 'neither';
      this.row.notes.push(sentence);
    } else {
      good = this.say(migrated.code === 0 && (await rows(ours.url)) === count, `sluice migrate replays ${count} migrations`, migrated.code ? migrated.output : `${took} ms`);
      if (orm.code !== 0) this.row.notes.push(`drizzle-orm fails where sluice does not: ${/error: .*/i.exec(orm.output)?.[0] ?? ''}`);
      else if ((await rows(theirs.url)) !== count) this.row.notes.push(`drizzle-orm applies ${await rows(theirs.url)} of them`);
      else {
        // Our ledger has two columns more.
        const facts = async ({ url }) => (await catalog(url)).filter((fact) => !fact.includes(` ${ledger.schema}.${ledger.table}.`));
        const different = difference(await facts(ours), await facts(theirs));
        good = this.say(!different, "the catalog is that of drizzle-orm's migrate()", different) && good;
      }
      if (migrated.code === 0) {
        const again = drizzle(ours.url);
        good = this.say(again.code === 0 && (await rows(ours.url)) === count, "drizzle-orm's migrate() has nothing to do", again.code ? again.output : '') && good;
      }
      this.row.folder = good ? 'same' : 'FAILED';
    }
    await fs.rm(program);
    await this.server.dropDatabase(ours.name);
    await other.stop();
    return true;
  }

  // 3. the next migration, by either tool
  async compareNext(count) {
    const journal = async () => JSON.parse(await fs.readFile(path.join(this.out, 'meta/_journal.json'), 'utf8')).entries;
    const newest = async () => statementsOf(await fs.readFile(path.join(this.out, `${(await journal()).at(-1).tag}.sql`), 'utf8'));
    const saved = path.join(this.top, 'saved');
    await fs.rm(saved, { recursive: true, force: true });
    await fs.cp(this.out, saved, { recursive: true });
    const putBack = async () => {
      await fs.rm(this.out, { recursive: true });
      await fs.cp(saved, this.out, { recursive: true });
    };
    const nothing = ({ output }) => output.includes('No schema changes');
    const theirs = this.kit(['generate', this.flag]);
    const theirsWrote = (await journal()).length > count;
    const theirStatements = theirsWrote ? await newest() : [];
    const afterTheirs = theirsWrote ? this.sluice(['generate', this.flag, '--dry-run']) : null;
    await putBack();
    const dry = this.sluice(['generate', this.flag, '--dry-run']);
    if (!nothing(theirs) && !theirsWrote) {
      const [asked] = theirs.output.match(/.*(prompts|renamed|created or).*/) ?? [theirs.output.trim().split('\n').at(-1)];
      this.row.next = dry.code === 0 ? 'drizzle-kit: no answer' : 'both stop';
      this.row.notes.push(`drizzle-kit generate stops: ${asked.trim()}`);
      console.log(`       drizzle-kit stops: ${asked.trim()}\n       sluice: ${dry.output.trim().split('\n').slice(0, 12).join('\n       ')}`);
      return putBack();
    }
    let good = this.say(dry.code === 0, 'sluice generate answers', dry.code ? dry.output : '');
    good = this.say(nothing(theirs) === nothing(dry), 'sluice and drizzle-kit agree whether there is something to generate', nothing(dry) ? 'nothing' : 'something') && good;
    if (dry.code === 0 && !nothing(dry)) {
      const ours = this.sluice(['generate', this.flag]);
      const different = ours.code ? ours.output : difference(await newest(), theirStatements);
      console.log(`       ${theirStatements.length} statements${different ? `, these are different\n${different}` : ', the same'}`);
    }
    if (dry.code === 0) {
      const left = this.kit(['generate', this.flag]);
      good = this.say(nothing(left), 'drizzle-kit finds nothing after sluice', nothing(left) ? '' : left.output) && good;
    }
    if (afterTheirs) good = this.say(nothing(afterTheirs), 'sluice finds nothing after drizzle-kit', nothing(afterTheirs) ? '' : afterTheirs.output) && good;
    await putBack();
    this.row.next = good ? (nothing(dry) ? 'nothing' : `${theirStatements.length} statements`) : 'FAILED';
  }

  async try(server) {
    this.server = server;
    const { name, url } = await server.createDatabase();
    this.url = url;
    this.packages = path.join(this.top, 'packages');
    this.project = path.dirname(this.config);
    this.workspace = await readWorkspace(this.repository, this.project);
    this.entries = [this.config];
    await this.install();
    const value = await this.readConfig();
    this.entries.push(...(await schemaFiles(this.project, value.schema)));
    const installed = await this.install();
    this.row.orm = await versionOf(this.packages, 'drizzle-orm');
    this.flag = `--config=${path.relative(this.project, this.config)}`;
    this.out = path.resolve(this.project, value.out ?? 'drizzle');
    console.log(`       ${path.relative(this.repository, this.config)} in ${path.relative(this.repository, this.project) || '.'}; packages: ${installed.sort().join(' ')}`);

    const journal = path.join(this.out, 'meta/_journal.json');
    const entries = existsSync(journal) ? JSON.parse(await fs.readFile(journal, 'utf8')).entries : [];
    const migrations = entries.map(({ tag }) => path.join(this.out, `${tag}.sql`)).filter(existsSync);
    const texts = await Promise.all(migrations.map((file) => fs.readFile(file, 'utf8')));
    const meta = path.join(this.out, 'meta');
    const snapshots = existsSync(meta) ? (await fs.readdir(meta)).filter((name) => name.endsWith('_snapshot.json')) : [];
    const kept = await Promise.all(snapshots.slice(-1).map((name) => fs.readFile(path.join(meta, name), 'utf8')));
    this.standIns = await StandIns.of(server.url, [...texts, ...kept]);
    this.row.notes.push(...this.standIns.notes);
    for (const [i, file] of migrations.entries()) if (this.standIns.edit(texts[i]) !== texts[i]) await fs.writeFile(file, this.standIns.edit(texts[i]));

    await this.compareSchemas(value);
    if (entries.length === 0) return;
    this.row.migrations = entries.length;
    const whole = await this.replay({ table: value.migrations?.table ?? '__drizzle_migrations', schema: value.migrations?.schema ?? 'drizzle' }, entries.map(({ tag }) => tag));
    if (whole) await this.compareNext(entries.length);
    if (!options['no-pairs']) {
      const report = (what, detail) => this.say(false, what, detail);
      const counts = await replayPairs({ sluice, server, folder: this.out, standIns: this.standIns, report });
      this.say(counts.up === counts.pairs, `${counts.up} of ${counts.pairs} pairs of snapshots, up`, `${counts.statements} statements, ${counts.renames} renames`);
      this.say(counts.down === counts.pairs, `${counts.down} of ${counts.pairs} pairs of snapshots, down`);
      this.row.up = `${counts.up} of ${counts.pairs}`;
      this.row.down = `${counts.down} of ${counts.pairs}`;
    }
    await server.dropDatabase(name);
  }
}

async function findConfigs(repository) {
  if (options.config) return [path.resolve(repository, options.config)];
  const found = [];
  for (const name of await find(repository, (base) => /(^drizzle.*config.*|\.config)\.[cm]?(ts|js|json)$/.test(base))) {
    const text = await fs.readFile(name, 'utf8');
    if (/drizzle/.test(text) && /dialect.*postgres|driver.*pg/.test(text)) found.push(name);
  }
  if (found.length === 0) throw new Error('no drizzle.config.* for PostgreSQL; --config names it');
  return found;
}

async function tryRepository(source, server) {
  const top = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-real-'));
  await fs.chmod(top, 0o755);
  const repository = path.join(top, 'repository');
  const name = path.basename(source).replace(/\.git$/, '');
  try {
    if (existsSync(source)) await copyRepository(path.resolve(source), repository);
    else {
      const cloned = run('git', ['clone', '--depth', '1', source, repository], top);
      if (cloned.code !== 0) throw new Error(cloned.output);
    }
    const commit = run('git', ['rev-parse', '--short=8', 'HEAD'], existsSync(source) ? source : repository).stdout.trim();
    const configs = await findConfigs(repository);
    for (const config of configs) {
      const project = new Project(configs.length > 1 ? `${name} (${path.relative(repository, config)})` : name, top, config);
      project.row.commit = commit;
      console.log(`\n${project.row.project} ${commit}`);
      try {
        await project.try(server);
      } catch (error) {
        project.say(false, error.message);
      }
      for (const made of ['own', 'brought', 'kit', 'saved']) await fs.rm(path.join(top, made), { recursive: true, force: true });
    }
  } finally {
    if (options.keep) console.log(`kept: ${top}`);
    else await fs.rm(top, { recursive: true, force: true });
  }
}

const server = await Server.start();
try {
  for (const source of positionals)
    await tryRepository(source, server).catch((error) => {
      tried.push({ project: source, notes: [error.message.split('\n')[0]], failed: 1 });
      console.log(`FAILED ${source}: ${error.message}`);
    });
} finally {
  await server.stop();
}
const columns = ['project', 'commit', 'orm', 'tables', 'migrations', 'schema', 'folder', 'next', 'up', 'down'];
console.log(`\n| ${columns.join(' | ')} | notes |\n|${columns.map(() => '---|').join('')}---|`);
for (const row of tried) console.log(`| ${columns.map((column) => row[column] ?? '').join(' | ')} | ${row.notes.join('; ')} |`);
process.exitCode = tried.some(({ failed }) => failed) ? 1 : 0;
