// Every step of a project's history: for two snapshots that follow each other, our migration takes a database that was
// built from the first one to the catalog of a database built from the second, and our way back returns it.
import fs from 'node:fs/promises';
import path from 'node:path';
import { query, root } from '../../tests/e2e/lib/server.mjs';
import pg from '../../tests/node_modules/pg/lib/index.js';
import { run } from './files.mjs';

const catalogSql = await fs.readFile(path.join(root, 'tests/conformance/lib/catalog.sql'), 'utf8');
export const catalog = async (url) => (await query(url, catalogSql)).map(([fact]) => fact);

export function difference(found, wanted) {
  return [...wanted.filter((fact) => !found.includes(fact)).map((fact) => `- ${fact}`), ...found.filter((fact) => !wanted.includes(fact)).map((fact) => `+ ${fact}`)].join('\n');
}

const empty = {
  id: '00000000-0000-0000-0000-000000000001', prevId: '00000000-0000-0000-0000-000000000000', version: '7', dialect: 'postgresql',
  tables: {}, enums: {}, schemas: {}, sequences: {}, roles: {}, policies: {}, views: {}, _meta: { columns: {}, schemas: {}, tables: {} },
};

// drizzle-kit keeps renames in `_meta` only until version 5, so they are read from the statements of its migrations.
function renamesIn(sql) {
  const name = (text) => text.replaceAll('"', '').replace(/^public\./, '');
  const id = '((?:"[^"]+"|\\w+)(?:\\.(?:"[^"]+"|\\w+))?)';
  const found = [];
  for (const [, from, to] of sql.matchAll(new RegExp(`ALTER (?:TABLE|TYPE|VIEW|MATERIALIZED VIEW|SEQUENCE|ROLE|SCHEMA) (?:IF EXISTS )?${id} RENAME TO ${id}`, 'gi'))) {
    const schema = name(from).includes('.') ? `${name(from).split('.')[0]}.` : '';
    found.push([`${name(from)}=${schema}${name(to)}`]);
  }
  for (const [, from, schema] of sql.matchAll(new RegExp(`ALTER (?:TABLE|TYPE) ${id} SET SCHEMA ${id}`, 'gi')))
    found.push([`${name(from)}=${name(schema)}.${name(from).split('.').at(-1)}`]);
  const tables = new Map(found.map(([text]) => text.split('=').reverse()));
  for (const [, table, from, to] of sql.matchAll(new RegExp(`ALTER TABLE ${id} RENAME COLUMN ${id} TO ${id}`, 'gi')))
    found.push([...new Set([tables.get(name(table)) ?? name(table), name(table)])].map((before) => `${before}.${name(from)}=${name(table)}.${name(to)}`));
  return found;
}

// The statements up and down. A rename that does not fit the two snapshots (a type that steps aside) is left out.
function plan(sluice, directory, from, to, renames) {
  const given = [];
  const diff = (more) => run(sluice, ['diff', '--json', from, to, ...[...given, ...more].flatMap((text) => ['--rename', text])], directory);
  for (const spellings of renames) {
    const fits = spellings.find((text) => diff([text]).code === 0);
    if (fits) given.push(fits);
  }
  const result = diff([]);
  if (result.code !== 0) throw new Error(result.output);
  return { ...JSON.parse(result.stdout), renames: given };
}

// Roles belong to the whole server, and databases of several snapshots are there at once: what a role is, is left out.
const besideOthers = (statements) =>
  statements.flatMap(({ sql: text, transactional }) => {
    // The stand-ins for pgvector's indexes have none of its parameters.
    const sql = text.replace(/^(CREATE INDEX .* USING (?:hnsw|ivfflat) .*) WITH \(.*?\)/, '$1');
    if (/^(DROP|ALTER) ROLE /.test(sql)) return [];
    // A stand-in may have made it.
    if (sql.startsWith('CREATE SCHEMA ')) return [{ sql: sql.replace('CREATE SCHEMA ', 'CREATE SCHEMA IF NOT EXISTS '), transactional }];
    const role = /^CREATE ROLE ("(?:[^"]|"")+")/.exec(sql)?.[1];
    return [{ sql: role ? `DO $do$ BEGIN CREATE ROLE ${role}; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $do$` : sql, transactional }];
  });

// As `sluice migrate` applies them: one transaction, except for what cannot stand in one.
async function apply(url, statements) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  let at = 'BEGIN';
  try {
    await client.query('BEGIN');
    for (const { sql, transactional } of besideOthers(statements)) {
      at = sql;
      if (!transactional) await client.query('COMMIT');
      await client.query(sql);
      if (!transactional) await client.query('BEGIN');
    }
    at = 'COMMIT';
    await client.query('COMMIT');
  } catch (error) {
    throw new Error(`${error.message}\n  in: ${at}`);
  } finally {
    await client.end();
  }
}

// What a snapshot stands on and does not have: schemas that its tables are in, tables that its foreign keys refer to. A
// stand-in for a table that it has itself gives way.
function outside({ tables, schemas }) {
  const all = Object.values(tables);
  const keys = all.flatMap((table) => Object.values(table.foreignKeys).map((key) => ({ ...key, type: table.columns[key.columnsFrom[0]]?.type })));
  const named = [...all.map(({ schema }) => schema), ...keys.map(({ schemaTo }) => schemaTo)];
  const missing = [...new Set(named)].filter((name) => name && name !== 'public' && !schemas[name]);
  const foreign = keys.filter(({ schemaTo, tableTo }) => missing.includes(schemaTo) && !tables[`${schemaTo}.${tableTo}`]);
  return {
    schemas: missing.map((name) => `create schema if not exists "${name}"`),
    tables: [
      ...all.filter(({ schema }) => schema).map(({ schema, name }) => `drop table if exists "${schema}"."${name}" cascade`),
      ...foreign.map(({ schemaTo, tableTo, columnsTo, type }) => `create table if not exists "${schemaTo}"."${tableTo}" ("${columnsTo[0]}" ${type} primary key)`),
    ],
  };
}

export async function replayPairs({ sluice, server, folder, standIns, report }) {
  const meta = path.join(folder, 'meta');
  const journal = JSON.parse(await fs.readFile(path.join(meta, '_journal.json'), 'utf8')).entries;
  const snapshots = (await fs.readdir(meta)).filter((name) => /^\d+_snapshot\.json$/.test(name)).sort();
  const emptyFile = path.join(folder, 'empty_snapshot.json');
  await fs.writeFile(emptyFile, JSON.stringify(empty));
  const place = (name) => journal.findIndex(({ tag }) => tag.split('_')[0] === name.split('_')[0]);
  const build = async (snapshot) => {
    const database = await server.createDatabase();
    const elsewhere = outside(JSON.parse(await fs.readFile(path.join(meta, snapshot), 'utf8')));
    for (const statement of elsewhere.schemas) await query(database.url, statement);
    await standIns.prepare(database.url, { withFunctions: true });
    for (const statement of elsewhere.tables) await query(database.url, statement);
    const { statements } = plan(sluice, folder, emptyFile, path.join(meta, snapshot), []);
    await apply(database.url, statements);
    return { ...database, snapshot, facts: await catalog(database.url) };
  };
  const counts = { pairs: 0, up: 0, down: 0, renames: 0, statements: 0 };
  const attempt = async (what, snapshot, step) => {
    try {
      const problem = await step();
      if (problem) report(`${what} (${snapshot})`, problem);
      return !problem;
    } catch (error) {
      report(`${what} (${snapshot})`, error.message);
      return false;
    }
  };
  let before = null;
  for (const snapshot of snapshots) {
    let after = null;
    await attempt('built from empty', snapshot, async () => void (after = await build(snapshot)));
    if (before && after) {
      counts.pairs++;
      const texts = [];
      for (const { tag } of journal.slice(place(before.snapshot) + 1, place(snapshot) + 1))
        texts.push(await fs.readFile(path.join(folder, `${tag}.sql`), 'utf8').catch(() => ''));
      let step;
      const up = await attempt('up', snapshot, async () => {
        step = plan(sluice, folder, path.join(meta, before.snapshot), path.join(meta, snapshot), renamesIn(texts.join('\n')));
        counts.renames += step.renames.length;
        counts.statements += step.statements.length;
        await apply(before.url, step.statements);
        return difference(await catalog(before.url), after.facts);
      });
      if (up) counts.up++;
      const down = up && (await attempt('down', snapshot, async () => {
        await apply(before.url, step.down);
        return difference(await catalog(before.url), before.facts);
      }));
      if (down) counts.down++;
    }
    if (before) await server.dropDatabase(before.name);
    before = after;
  }
  if (before) await server.dropDatabase(before.name);
  await fs.rm(emptyFile);
  return counts;
}
