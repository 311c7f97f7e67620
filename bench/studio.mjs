#!/usr/bin/env node
// A table of millions of rows in the studio: the time until the program answers, the first page, a page far down, and the
// page in Chromium; beside drizzle-kit studio 0.31.11 where it can be measured. Its page comes from elsewhere and cannot
// be opened here: measured is its server on this machine, with the statement that such a page needs (LIMIT and OFFSET).
// Each figure is the median of some requests, all in one run on one server. As a Markdown table.
//
//   node bench/studio.mjs [--rows 5000000] [--times 7]
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findSluice, freePort, query, root, Server } from '../tests/e2e/lib/server.mjs';
import { request, sessionOf } from '../tests/studio/setting.mjs';

const { values: options } = parseArgs({ options: { rows: { type: 'string', default: '5000000' }, times: { type: 'string', default: '7' } } });
const rows = Number(options.rows);
const nodeModules = path.join(root, 'tests/node_modules');
const { chromium } = createRequire(path.join(root, 'tests/package.json'))('playwright-core');
const top = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-bench-'));
const server = await Server.start();
const children = [];

const schema = `import { bigint, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
export const events = pgTable('events', {
  id: bigint('id', { mode: 'number' }).primaryKey(),
  kind: text('kind').notNull(),
  customer: integer('customer').notNull(),
  note: text('note'),
  at: timestamp('at', { withTimezone: true }).notNull(),
});
`;

// Starts a program and waits until `ready` gives something.
async function start(command, cwd, env, ready) {
  const began = performance.now();
  const child = spawn(command[0], command.slice(1), { cwd, env: { ...process.env, NO_COLOR: '1', ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (printed += text));
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(5)) {
    const value = await ready(printed).catch(() => undefined);
    if (value) return { value, ms: performance.now() - began, child };
    if (child.exitCode !== null) break;
  }
  throw new Error(`${command.join(' ')} did not start\n${printed}`);
}

async function memory(child) {
  const status = await fs.readFile(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)[1]) / 1024;
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
async function timed(work) {
  const samples = [];
  for (let n = 0; n < Number(options.times); n++) {
    const began = performance.now();
    await work(n);
    samples.push(performance.now() - began);
  }
  return median(samples);
}

try {
  const { url } = await server.createDatabase();
  await query(url, 'create table events (id bigint primary key, kind text not null, customer integer not null, note text, at timestamptz not null)');
  await query(url, `insert into events select n, (array['open', 'paid', 'sent'])[1 + n % 3], n % 100000, 'note ' || n, timestamptz '2026-01-01' + n * interval '1 s' from generate_series(1, ${rows}) n`);
  await query(url, 'vacuum (analyze) events');
  await fs.symlink(nodeModules, path.join(top, 'node_modules'));
  await fs.writeFile(path.join(top, 'schema.ts'), schema);
  await fs.writeFile(path.join(top, 'drizzle.config.ts'), `export default { dialect: 'postgresql', schema: './schema.ts', out: './drizzle', dbCredentials: { url: process.env.DATABASE_URL } };\n`);
  const env = { DATABASE_URL: url };

  const ours = await start([findSluice(), 'studio', '--json', '--no-open', '--port', '0'], top, env, async (printed) => {
    const { port, url: address } = JSON.parse(printed);
    const studio = { port, address, token: /#token=(\w+)/.exec(address)[1] };
    return { ...studio, cookie: await sessionOf(studio) };
  });
  const { port, cookie, address } = ours.value;
  const post = async (target, body) => {
    const answer = await request(port, { method: 'POST', path: target, headers: { 'Content-Type': 'application/json', Cookie: cookie, Origin: `http://127.0.0.1:${port}` }, body: JSON.stringify(body) });
    if (answer.status !== 200) throw new Error(`${target}: ${answer.status} ${answer.text}`);
    return answer.json;
  };
  const info = await request(port, { path: '/api/info', headers: { Cookie: cookie } });
  const page = (after, sort = []) =>
    post('/api/rows', { database: info.json.databases[0].id, schema: 'public', table: 'events', filters: [], sort, after, limit: 100, columns: ['id', 'kind', 'customer', 'note', 'at'] });
  const expected = async (answer, id) => {
    const found = (await answer).rows[0].values[0];
    if (found !== String(id)) throw new Error(`the page begins with ${found}, not with ${id}`);
  };

  const kitPort = await freePort();
  const ask = async (data) => {
    const answer = await fetch(`http://127.0.0.1:${kitPort}/`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(data) });
    return await answer.json();
  };
  const kit = await start([process.execPath, path.join(nodeModules, 'drizzle-kit/bin.cjs'), 'studio', '--host=127.0.0.1', `--port=${kitPort}`], top, env, () => ask({ type: 'init' }));
  const kitPage = async (offset, id) => {
    const answer = await ask({ type: 'proxy', data: { sql: `select "id", "kind", "customer", "note", "at" from "public"."events" order by "id" limit 100 offset ${offset}`, params: [], method: 'execute', mode: 'object' } });
    const first = answer[0]?.id ?? answer[0]?.[0];
    if (String(first) !== String(id)) throw new Error(`drizzle-kit's page begins with ${JSON.stringify(answer).slice(0, 200)}, not with ${id}`);
  };

  const far = Math.floor(rows * 0.9);
  const table = [
    ['until it answers', ours.ms, kit.ms],
    ['the first 100 rows', await timed(() => expected(page(null), 1)), await timed(() => kitPage(0, 1))],
    [`100 rows after ${far}`, await timed(() => expected(page([String(far)]), far + 1)), await timed(() => kitPage(far, far + 1))],
  ];
  console.log(`${rows} rows\n\n| | sluice studio | drizzle-kit studio 0.31.11 | |\n|---|--:|--:|--:|`);
  for (const [what, a, b] of table) console.log(`| ${what} | ${a.toFixed(a < 10 ? 1 : 0)} ms | ${b.toFixed(b < 10 ? 1 : 0)} ms | ${(b / a).toFixed(1)}× |`);
  console.log(`| memory | ${(await memory(ours.child)).toFixed(0)} MB | ${(await memory(kit.child)).toFixed(0)} MB | ${((await memory(kit.child)) / (await memory(ours.child))).toFixed(1)}× |`);

  const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((file) => existsSync(file));
  if (!executablePath) throw new Error('no Chromium: tools/setup installs it');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
  const samples = [];
  for (let n = 0; n < Number(options.times); n++) {
    const context = await browser.newContext();
    const tab = await context.newPage();
    const began = performance.now();
    await tab.goto(address.replace('/#', '/tables/public/events#'));
    await tab.getByText('note 1', { exact: true }).waitFor();
    samples.push(performance.now() - began);
    await context.close();
  }
  await browser.close();
  console.log(`| the page in Chromium, from nothing to the first rows | ${median(samples).toFixed(0)} ms | not to be had | |`);
} finally {
  for (const child of children) child.kill('SIGINT');
  await server.stop();
  await fs.rm(top, { recursive: true, force: true });
}
