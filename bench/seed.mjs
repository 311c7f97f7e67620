#!/usr/bin/env node
// Rows per second of `sluice seed --generate`, of drizzle-seed and of plain COPY of the same rows, and copies of a database per
// second by `sluice db fork` and by `createdb -T`; as Markdown tables. Everything on one server, taking turns.
//
//   npm ci --ignore-scripts --prefix bench/runners && node bench/seed.mjs [--rows 100000] [--runs 3] [--drizzle-rows 10000] [--forks 20]
//
// The schema has four tables with keys, foreign keys, unique columns, checks and indexes: --rows customers and orders, a
// tenth of that products, three times that order lines. COPY (psql's \copy, table by table) reads the bytes that `sluice seed`
// has just made. drizzle-seed gets fewer rows, since it takes long: what counts is its rate.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findSluice, query, root, Server } from '../tests/e2e/lib/server.mjs';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    'drizzle-rows': { type: 'string', default: '10000' },
    runs: { type: 'string', default: '3' },
    forks: { type: 'string', default: '20' },
  },
});
const runs = Number(options.runs);
const sluice = findSluice();
const runners = path.join(root, 'bench/runners/node_modules');
const top = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-bench-seed-'));
await fs.chmod(top, 0o755);

const tables = ['customers', 'products', 'orders', 'order_lines'];
const sizes = (rows) => ({ customers: rows, products: Math.round(rows / 10), orders: rows, order_lines: 3 * rows });
const total = (rows) => Object.values(sizes(rows)).reduce((a, b) => a + b, 0);

const schemaModule = `import { boolean, index, integer, numeric, pgTable, serial, text, timestamp, varchar } from 'drizzle-orm/pg-core';
export const customers = pgTable('customers', { id: serial('id').primaryKey(), name: text('name').notNull(), email: varchar('email', { length: 255 }).notNull().unique(), city: text('city'), createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow() });
export const products = pgTable('products', { id: serial('id').primaryKey(), sku: varchar('sku', { length: 32 }).notNull().unique(), name: text('name').notNull(), price: numeric('price', { precision: 10, scale: 2 }).notNull(), active: boolean('active').notNull().default(true) });
export const orders = pgTable('orders', { id: serial('id').primaryKey(), customerId: integer('customer_id').notNull().references(() => customers.id), status: text('status').notNull(), total: numeric('total', { precision: 10, scale: 2 }).notNull(), note: text('note'), placedAt: timestamp('placed_at', { withTimezone: true }).notNull() }, (t) => [index('orders_customer').on(t.customerId)]);
export const orderLines = pgTable('order_lines', { id: serial('id').primaryKey(), orderId: integer('order_id').notNull().references(() => orders.id), productId: integer('product_id').notNull().references(() => products.id), quantity: integer('quantity').notNull(), price: numeric('price', { precision: 10, scale: 2 }).notNull() }, (t) => [index('order_lines_order').on(t.orderId)]);
`;

function run(program, args, env = {}, input = undefined) {
  const began = process.hrtime.bigint();
  const done = spawnSync(program, args, { cwd: top, env: { ...process.env, NO_COLOR: '1', ...env }, encoding: 'utf8', input, maxBuffer: 1 << 30 });
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  if (done.status !== 0) throw new Error(`${path.basename(program)} ${args.join(' ')} exits with ${done.status}\n${done.stdout}${done.stderr}`);
  return { seconds, output: done.stdout };
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
const whole = (number) => Math.round(number).toLocaleString('en-US');

await fs.symlink(runners, path.join(top, 'node_modules'));
await fs.writeFile(path.join(top, 'package.json'), '{ "type": "module" }');
await fs.writeFile(path.join(top, 'schema.ts'), schemaModule);
await fs.writeFile(path.join(top, 'schema.mjs'), schemaModule);
await fs.writeFile(path.join(top, 'drizzle.config.json'), JSON.stringify({ dialect: 'postgresql', schema: './schema.ts', out: './drizzle' }));
await fs.writeFile(
  path.join(top, 'drizzle-seed.mjs'),
  `import { drizzle } from 'drizzle-orm/node-postgres';
import { seed } from 'drizzle-seed';
import * as schema from './schema.mjs';
const sizes = JSON.parse(process.argv[2]);
const db = drizzle(process.env.DATABASE_URL);
await seed(db, schema, { seed: 1 }).refine(() => ({ customers: { count: sizes.customers }, products: { count: sizes.products }, orders: { count: sizes.orders }, orderLines: { count: sizes.order_lines } }));
await db.$client.end();
`,
);

const server = await Server.start({ durable: true });
const rates = { COPY: [], 'sluice seed': [], 'sluice seed, one connection': [], 'drizzle-seed': [] };
try {
  run(sluice, ['generate', '--name', 'init']);
  const fresh = async () => {
    const database = await server.createDatabase();
    run(sluice, ['migrate'], { DATABASE_URL: database.url });
    return database;
  };
  const filled = async (url, rows) => {
    for (const [table, wanted] of Object.entries(sizes(rows))) {
      const [[found]] = await query(url, `select count(*) from ${table}`);
      if (Number(found) !== wanted) throw new Error(`${table} has ${found} rows, not ${wanted}`);
    }
  };
  const rows = Number(options.rows), fewer = Number(options['drizzle-rows']);
  const ours = (more) => ['seed', '--generate', ...Object.entries(sizes(rows)).flatMap(([table, count]) => ['--rows', `${table}=${count}`]), ...more];
  for (let i = 0; i < runs; i++) {
    for (const [name, more] of [['sluice seed', []], ['sluice seed, one connection', ['--connections', '1']]]) {
      const database = await fresh();
      rates[name].push(total(rows) / run(sluice, ours(more), { DATABASE_URL: database.url }).seconds);
      await filled(database.url, rows);
      if (more.length === 0 && i === 0)
        for (const table of tables) run('psql', ['-qX', database.url, '-c', `\\copy ${table} to '${path.join(top, `${table}.txt`)}'`]);
      await server.dropDatabase(database.name);
    }
    const copied = await fresh();
    const copies = tables.flatMap((table) => ['-c', `\\copy ${table} from '${path.join(top, `${table}.txt`)}'`]);
    rates.COPY.push(total(rows) / run('psql', ['-qX', '-v', 'ON_ERROR_STOP=1', copied.url, ...copies]).seconds);
    await filled(copied.url, rows);
    await server.dropDatabase(copied.name);
    const theirs = await fresh();
    rates['drizzle-seed'].push(total(fewer) / run(process.execPath, ['drizzle-seed.mjs', JSON.stringify(sizes(fewer))], { DATABASE_URL: theirs.url }).seconds);
    await filled(theirs.url, fewer);
    await server.dropDatabase(theirs.name);
  }

  // Copies of the migrated database; whole processes on both sides.
  const source = await fresh();
  const forks = { 'sluice db fork': [], 'createdb -T': [] };
  const env = { DATABASE_URL: source.url };
  run(sluice, ['db', 'fork', '--no-seed'], env); // makes the template
  const { hostname, port } = new URL(server.url);
  for (let i = 0; i < Number(options.forks); i++) {
    forks['sluice db fork'].push(run(sluice, ['db', 'fork', '--no-seed'], env).seconds);
    forks['createdb -T'].push(
      run('createdb', ['-h', hostname, '-p', port, '-U', 'postgres', '-T', source.name, `bench_copy_${i}`], { PGPASSWORD: 'postgres' }).seconds,
    );
  }
  run(sluice, ['db', 'fork', '--drop', '--all'], env);

  const cpus = os.cpus();
  console.log(`${new Date().toISOString().slice(0, 10)}, ${path.relative(root, sluice)}, ${cpus.length} × ${cpus[0].model}, load ${os.loadavg()[0].toFixed(1)} at the end; median of ${runs} runs, taking turns.\n`);
  console.log('| | rows | rows a second | beside COPY | beside drizzle-seed |\n|---|--:|--:|--:|--:|');
  const rate = Object.fromEntries(Object.entries(rates).map(([name, values]) => [name, median(values)]));
  for (const name of Object.keys(rates))
    console.log(
      `| ${name === 'COPY' ? 'COPY of the same rows' : name} | ${whole(total(name === 'drizzle-seed' ? fewer : rows))} | ${whole(rate[name])} | ${(rate.COPY / rate[name]).toFixed(2)}× its time | ${(rate[name] / rate['drizzle-seed']).toFixed(1)}× as fast |`,
    );
  console.log('\n| | copies a second | ms each |\n|---|--:|--:|');
  for (const [name, values] of Object.entries(forks)) console.log(`| ${name} | ${(1 / median(values)).toFixed(1)} | ${(median(values) * 1000).toFixed(0)} |`);
} finally {
  await server.stop();
  await fs.rm(top, { recursive: true, force: true });
}
