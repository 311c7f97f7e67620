// A pair: what to know about it at the top, then two schemas and perhaps the statements that are expected.
//
//   # a sentence                     what the pair is about
//   rename users.name=full_name      given to both tools, as many as needed
//   kit-rename v=w                   an answer to a question that only drizzle-kit asks (views, policies)
//   backfill users.level=0           given to sluice
//   drop users.name
//   rows INSERT INTO …               rows of the first database
//   kept SELECT … => 1 x, 2 y        what is to be found in it after the change
//   setup CREATE EXTENSION …         run on every database first
//   casing snake_case
//   differs REASON                   our statements differ from drizzle-kit's; -- statements.sql -- has ours
//   create-differs REASON            the same for building a schema from nothing: `create.sql`
//   snapshot-differs REASON          ours is not drizzle-kit's, and each tool finds the other's to do
//   catalog-differs REASON           the altered database may differ from a fresh one
//   pull-differs REASON              drizzle has no word for all of the database, and pull says so
//   push-differs REASON              push of a live database gets elsewhere, or says that it cannot
//   down-differs REASON              the way back may differ from where it began
//   drizzle-kit fails: MESSAGE       what its own migration does to the same rows; or 'another catalog', 'other rows',
//                                    'cannot: MESSAGE' if it writes no migration
//   todo REASON                      known to fail: counts apart, and as a failure once it passes
//   statements-only                  no database (roles belong to the whole cluster)
import path from 'node:path';
import { readScript } from '../../e2e/lib/script.mjs';

const prelude = `import { and, eq, gt, inArray, isNotNull, ne, sql } from 'drizzle-orm';
import * as core from 'drizzle-orm/pg-core';
const {
  bigint, bigserial, bit, boolean, char, check, cidr, customType, date, decimal, doublePrecision, foreignKey, geometry,
  halfvec, index, inet, integer, interval, json, jsonb, line, macaddr, macaddr8, numeric, pgEnum, pgMaterializedView,
  pgPolicy, pgRole, pgSchema, pgSequence, pgTable, pgTableCreator, pgView, point, primaryKey, real, serial, smallint,
  smallserial, sparsevec, text, time, timestamp, unique, uniqueIndex, uuid, varchar, vector,
} = core;
`;

export async function readPair(file) {
  const { steps, files } = await readScript(file);
  const all = (verb) => steps.filter((step) => step.verb === verb).map(({ rest }) => rest);
  for (const { verb } of steps) if (!known.has(verb)) throw new Error(`${file}: unknown line '${verb}'`);
  return {
    name: path.basename(file, '.txt'),
    renames: all('rename'),
    kitRenames: all('kit-rename'),
    drops: all('drop'),
    backfills: all('backfill'),
    kept: all('kept'),
    rows: all('rows').join(';\n'),
    setup: all('setup').join(';\n'),
    casing: all('casing')[0],
    differs: all('differs')[0],
    createDiffers: all('create-differs')[0],
    snapshotDiffers: all('snapshot-differs')[0],
    catalogDiffers: all('catalog-differs')[0],
    pullDiffers: all('pull-differs')[0],
    pushDiffers: all('push-differs')[0],
    downDiffers: all('down-differs')[0],
    drizzleKit: all('drizzle-kit')[0],
    todo: all('todo')[0],
    statementsOnly: all('statements-only').length > 0,
    before: prelude + files.get('before.ts'),
    after: prelude + files.get('after.ts'),
    statements: files.get('statements.sql'),
    create: files.get('create.sql'),
  };
}

const known = new Set([
  'rename', 'kit-rename', 'drop', 'backfill', 'rows', 'kept', 'setup', 'casing', 'differs', 'create-differs', 'snapshot-differs', 'catalog-differs',
  'pull-differs', 'push-differs', 'down-differs', 'drizzle-kit', 'statements-only', 'todo',
]);
