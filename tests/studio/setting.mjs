// A project, its databases, the studio on them, and a browser: what the tests of the studio stand on.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { findSluice, query, Server } from '../e2e/lib/server.mjs';
import { Workspace } from '../e2e/lib/workspace.mjs';
import { verbs } from '../e2e/lib/verbs.mjs';

const browserPath = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'];

const tables = `
create schema audit;
create table audit.events (id bigint generated always as identity primary key, at timestamptz not null default now(), what text);
create type mood as enum ('sad', 'ok', 'happy');
create table kinds (
  id integer primary key, flag boolean, amount numeric(10,2), word text not null default 'x', mood mood, tags text[],
  data jsonb, raw bytea, at timestamptz, day date, ref uuid, long text, twice integer generated always as (id * 2) stored);
insert into kinds (id, flag, amount, mood, tags, data, raw, at, day, ref, long) values
  (1, true, 12.50, 'happy', '{a,"b c"}', '{"a": 1}', '\\x00ff', '2026-01-02 03:04:05+00', '2026-01-02', '7c9e6679-7425-40de-944b-e07fc1f90ae7', repeat('long ', 600)),
  (2, false, null, null, null, null, null, null, null, null, '');
-- As pgvector's type looks from outside: its name, its text and its dimensions.
create type vector;
create function vector_in(cstring, oid, integer) returns vector language internal immutable strict as 'textin';
create function vector_out(vector) returns cstring language internal immutable strict as 'textout';
create function vector_modifier_in(cstring[]) returns integer language internal immutable strict as 'bpchartypmodin';
create function vector_modifier_out(integer) returns cstring language internal immutable strict as 'bpchartypmodout';
create type vector (input = vector_in, output = vector_out, typmod_in = vector_modifier_in, typmod_out = vector_modifier_out, like = text);
create table embeddings (id integer primary key, embedding vector(4) not null);
insert into embeddings values (1, '[3,0,4,0]');
create table pairs (a integer, b text, note text, primary key (a, b));
insert into pairs values (1, 'x', 'one'), (1, 'y', 'two');
create table no_key (word text);
insert into no_key values ('first'), ('second');
create view open_orders as select o.id, c.name from orders o join customers c on c.id = o.customer_id where o.status = 'open';
create table big (id bigint primary key, name text not null, value integer);
insert into big select i, 'row ' || i, i % 1000 from generate_series(1, 200000) i;
insert into customers (name, email) values ('Ada', 'ada@example.org'), ('Grace', 'grace@example.org'), ('Edsger', 'edsger@example.org');
insert into orders (customer_id, status, total) select 1 + i % 3, (array['open','paid','sent']::order_status[])[1 + i % 3], i * 10 from generate_series(1, 30) i;
analyze;
`;

export class Setting {
  #closing = [];

  static async make() {
    const self = new Setting();
    self.server = await Server.start();
    self.#closing.push(() => self.server.stop());
    self.cache = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-cache-'));
    self.#closing.push(() => fs.rm(self.cache, { recursive: true, force: true }));
    self.workspace = await Workspace.create({ sluice: findSluice(), server: self.server, cache: self.cache });
    self.#closing.push(() => self.workspace.remove());
    await verbs.use('shop', self.workspace);
    await verbs.db('', self.workspace);
    self.url = self.workspace.env.DATABASE_URL;
    self.production = (await self.server.createDatabase()).url;
    await self.workspace.write('sluice.toml', `[databases.production]\nurl = "${self.production}"\n`);
    await verbs.run('sluice generate --name init', self.workspace);
    await verbs.run('sluice migrate', self.workspace);
    await query(self.url, tables);
    return self;
  }

  #start(args) {
    const { directory, env } = this.workspace;
    const child = spawn('sluice', args, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const run = { stdout: '', stderr: '', ended: false, signal: (name) => child.kill(name) };
    child.stdout.setEncoding('utf8').on('data', (text) => (run.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (run.stderr += text));
    run.done = new Promise((resolve) => child.on('close', (code) => ((run.ended = true), (run.code = code), resolve(run))));
    this.#closing.push(async () => {
      if (!run.ended) run.signal('SIGKILL');
      await run.done;
    });
    return run;
  }

  sql(text, url = this.url) {
    return query(url, text);
  }

  // Starts a studio and gives its address, its port and what it takes to end it.
  async studio(flags = '') {
    const run = this.#start(['studio', '--json', '--no-open', '--port', '0', ...flags.split(' ').filter(Boolean)]);
    for (const end = Date.now() + 20_000; !run.stdout.includes('}'); await new Promise((wake) => setTimeout(wake, 20)))
      assert.ok(Date.now() < end && !run.ended, `the studio did not start: ${run.stderr}`);
    const { url, port } = JSON.parse(run.stdout);
    const stop = async () => {
      run.signal('SIGINT');
      await run.done;
      return run;
    };
    return { address: url, port, token: /#token=(\w+)/.exec(url)[1], stop, run };
  }

  async browser() {
    const executablePath = process.env.SLUICE_CHROMIUM ?? browserPath.find((file) => existsSync(file));
    if (!executablePath) throw new Error('no Chromium: tools/setup installs it, or set SLUICE_CHROMIUM to its path');
    const browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-extensions', '--disable-background-networking'],
    });
    this.#closing.push(() => browser.close());
    return browser;
  }

  async close() {
    for (const close of this.#closing.reverse()) await close().catch((error) => console.error(error.message));
  }
}

// What is true in a moment, on a machine that may be busy.
export async function soon(check) {
  for (const end = Date.now() + 20_000; ; await new Promise((wake) => setTimeout(wake, 50))) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

// A request as anybody on this machine could make it, with any header.
export function request(port, { method = 'GET', path: target = '/', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const sent = http.request(
      { host: '127.0.0.1', port, method, path: target, setHost: false, headers: { Host: `127.0.0.1:${port}`, ...headers } },
      (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('end', () => {
          const text = Buffer.concat(parts).toString();
          resolve({ status: response.statusCode, headers: response.headers, text, get json() { return JSON.parse(text); } });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

export async function sessionOf({ port, token }) {
  const answer = await request(port, {
    method: 'POST',
    path: '/api/session',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  assert.equal(answer.status, 200);
  return answer.headers['set-cookie'][0].split(';')[0];
}
