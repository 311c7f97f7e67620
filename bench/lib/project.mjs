// Drizzle projects of any size: tables with nine columns in files of twenty, enums, foreign keys, indexes.
import fs from 'node:fs/promises';
import path from 'node:path';

const tablesPerFile = 20;
const number = (n) => String(n).padStart(4, '0');

function table(n) {
  // Some to a table of the same file, some to one of another file.
  const parent = n === 0 ? null : n % tablesPerFile === 0 ? n - tablesPerFile : n - 1;
  const reference = parent === null ? '' : `.references(() => t${number(parent)}.id, { onDelete: 'cascade' })`;
  return `export const t${number(n)} = pgTable(
  'table_${number(n)}',
  {
    id: serial('id').primaryKey(),
    parentId: integer('parent_id')${reference},
    name: varchar('name', { length: 200 }).notNull(),
    state: state${n % 4}('state').notNull().default('open'),
    amount: numeric('amount', { precision: 12, scale: 2 }).default('0.00'),
    active: boolean('active').notNull().default(true),
    tags: text('tags').array(),
    meta: jsonb('meta').$type<{ source: string }>(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [index('table_${number(n)}_parent_idx').on(t.parentId)${n % 3 ? '' : `, uniqueIndex('table_${number(n)}_name_uq').on(t.name)`}],
);
`;
}

function file(first, last) {
  const head = [
    "import { boolean, index, integer, jsonb, numeric, pgTable, serial, text, timestamp, uniqueIndex, varchar } from 'drizzle-orm/pg-core';",
    "import { state0, state1, state2, state3 } from './enums';",
  ];
  if (first > 0) {
    const other = first - tablesPerFile;
    head.push(`import { t${number(other)} } from './tables_${number(other)}';`);
  }
  const tables = Array.from({ length: last - first }, (_, i) => table(first + i));
  return `${head.join('\n')}\n\n${tables.join('\n')}`;
}

const config = `import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: './src/schema/*.ts',
  out: './drizzle',
  dbCredentials: { url: process.env.DATABASE_URL ?? 'postgresql://localhost/none' },
});
`;

export async function writeProject(directory, tables, nodeModules) {
  const schema = path.join(directory, 'src/schema');
  await fs.mkdir(schema, { recursive: true });
  await fs.symlink(nodeModules, path.join(directory, 'node_modules'));
  await fs.writeFile(path.join(directory, 'drizzle.config.ts'), config);
  const enums = Array.from(
    { length: 4 },
    (_, n) => `export const state${n} = pgEnum('state_${n}', ['open', 'running', 'done', 'failed']);\n`,
  );
  await fs.writeFile(path.join(schema, 'enums.ts'), `import { pgEnum } from 'drizzle-orm/pg-core';\n\n${enums.join('')}`);
  for (let first = 0; first < tables; first += tablesPerFile)
    await fs.writeFile(
      path.join(schema, `tables_${number(first)}.ts`),
      file(first, Math.min(first + tablesPerFile, tables)),
    );
}

// A column more in the first table.
export async function changeProject(directory) {
  const name = path.join(directory, 'src/schema/tables_0000.ts');
  const text = await fs.readFile(name, 'utf8');
  await fs.writeFile(name, text.replace("tags: text('tags').array(),", "tags: text('tags').array(),\n    note: text('note'),"));
}

// The one migration of a project becomes the last of many, each with its own whole snapshot, as drizzle-kit keeps them.
export async function lengthenHistory(directory, migrations) {
  const meta = path.join(directory, 'drizzle/meta');
  const journalFile = path.join(meta, '_journal.json');
  const journal = JSON.parse(await fs.readFile(journalFile, 'utf8'));
  const snapshot = JSON.parse(await fs.readFile(path.join(meta, '0000_snapshot.json'), 'utf8'));
  const uuid = (n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  for (let n = 0; n < migrations; n++) {
    snapshot.id = uuid(n + 1);
    snapshot.prevId = n === 0 ? '00000000-0000-0000-0000-000000000000' : uuid(n);
    await fs.writeFile(path.join(meta, `${number(n)}_snapshot.json`), JSON.stringify(snapshot, null, 2));
    if (n === 0) continue;
    const tag = `${number(n)}_step`;
    journal.entries.push({ ...journal.entries[0], idx: n, when: journal.entries[0].when + n, tag });
    await fs.writeFile(path.join(directory, 'drizzle', `${tag}.sql`), `SELECT ${n};`);
  }
  await fs.writeFile(journalFile, JSON.stringify(journal, null, 2));
  await fs.rm(path.join(meta, '_sluice.sum'), { force: true });
}

// Migrations to apply: each makes a table with nine columns and an index.
export async function writeMigrations(directory, count) {
  await fs.mkdir(path.join(directory, 'drizzle/meta'), { recursive: true });
  const entries = [];
  for (let n = 0; n < count; n++) {
    const tag = `${number(n)}_create_table_${number(n)}`;
    entries.push({ idx: n, version: '7', when: 1_760_000_000_000 + n * 1000, tag, breakpoints: true });
    await fs.writeFile(
      path.join(directory, 'drizzle', `${tag}.sql`),
      `CREATE TABLE "table_${number(n)}" (
	"id" serial PRIMARY KEY NOT NULL,
	"parent_id" integer,
	"name" varchar(200) NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"amount" numeric(12, 2) DEFAULT '0.00',
	"active" boolean DEFAULT true NOT NULL,
	"tags" text[],
	"meta" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "table_${number(n)}_parent_idx" ON "table_${number(n)}" USING btree ("parent_id");`,
    );
  }
  const journal = { version: '7', dialect: 'postgresql', entries };
  await fs.writeFile(path.join(directory, 'drizzle/meta/_journal.json'), JSON.stringify(journal, null, 2));
  return entries.map(({ tag }) => path.join(directory, 'drizzle', `${tag}.sql`));
}
