#!/usr/bin/env node
// Back to the moment before a migration, on real servers: the local server by its own base backup and archived WAL, a
// server that one operates by pgBackRest with the command that `sluice db restore` prints, a table by the pg_dump that was
// made before a migration marked major; and what is printed for Supabase.
//
//   node tests/recovery/run.mjs [--only NAME]
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findSluice, freePort, query } from '../e2e/lib/server.mjs';

const { values: options } = parseArgs({ options: { only: { type: 'string' } } });
const sluice = findSluice();
const root = process.getuid() === 0;
const top = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-recovery-'));
await fs.chmod(top, 0o755);
const servers = [];

// A project with one table, on a server of its own.
async function project(name) {
  const work = path.join(top, name);
  await fs.mkdir(path.join(work, 'drizzle/meta'), { recursive: true });
  await fs.writeFile(path.join(work, 'drizzle.config.json'), JSON.stringify({ dialect: 'postgresql', schema: './schema.ts', out: './drizzle' }));
  const port = await freePort();
  const where = ['--port', String(port), '--data', path.join(work, 'server')];
  const url = `postgresql://postgres:postgres@localhost:${port}/postgres`;
  const entries = [];
  const run = (args, { expect = 0, env = {}, as } = {}) => {
    // A user who cannot enter the checkout has a copy of the program.
    const own = path.join(work, 'sluice');
    if (as && !existsSync(own)) cpSync(sluice, own);
    const command = as ? ['runuser', ['-u', as, '--', own, ...args]] : [sluice, args];
    const result = spawnSync(command[0], command[1], { cwd: work, encoding: 'utf8', env: { ...process.env, DATABASE_URL: url, ...env } });
    assert.equal(result.status, expect, `sluice ${args.join(' ')}\n${result.stdout}${result.stderr}`);
    return result.stdout + result.stderr;
  };
  const add = async (tag, sql) => {
    entries.push({ idx: entries.length, version: '7', when: 1760000000000 + entries.length * 1000, tag, breakpoints: true });
    await fs.writeFile(path.join(work, 'drizzle', `${tag}.sql`), sql);
    await fs.writeFile(path.join(work, 'drizzle/meta/_journal.json'), JSON.stringify({ version: '7', dialect: 'postgresql', entries }));
  };
  run(['db', 'start', ...where]);
  servers.push(where);
  return { work, port, where, url, run, add, write: (file, text) => fs.writeFile(path.join(work, file), text) };
}

const rows = async (url) => (await query(url, 'select string_agg(v, \',\' order by id) from notes'))[0][0];
const hasColumn = async (url) => (await query(url, "select 1 from information_schema.columns where table_name = 'notes' and column_name = 'extra'")).length === 1;

const tests = {
  async 'the local server'() {
    const { run, add, url, where, work, port } = await project('local');
    await add('0000_init', "CREATE TABLE notes (id serial PRIMARY KEY, v text);\nINSERT INTO notes (v) VALUES ('first');");
    run(['migrate']);
    // Nothing can be gone back to yet, and that is said.
    assert.match(run(['db', 'restore', '--before', '0000', '--yes', ...where, '--url', url], { expect: 1 }), /no restore point before '0000'/);
    assert.match(run(['db', 'backup', '--list', ...where]), /There is no backup/);
    await add('0001_major', '-- sluice:major\nSELECT 1;');
    assert.match(run(['migrate'], { expect: 3 }), /0001_major.sql is marked major, but the server does not archive its WAL/);

    assert.match(run(['db', 'backup', ...where]), /archives its WAL from now on[\s\S]*Backup taken/);
    assert.doesNotMatch(run(['db', 'backup', '--keep', '1', ...where]), /started again/);
    assert.match(run(['migrate']), /Before 0001_major: restore point 'before 0001_major [0-9a-f]{8}'/);
    await query(url, "insert into notes (v) values ('second')");
    // Not marked major: the point is written all the same, since it costs nothing here.
    await add('0002_extra', "ALTER TABLE notes ADD COLUMN extra text;\nUPDATE notes SET v = 'spoilt';");
    assert.doesNotMatch(run(['migrate']), /restore point/);
    await query(url, "insert into notes (v) values ('after')");

    assert.match(run(['db', 'restore', '--before', '0002', ...where, '--url', url], { expect: 3 }), /Run it again with --yes/);
    assert.match(run(['db', 'restore', '--before', '7', '--yes', ...where], { expect: 1 }), /points before 0002_extra, 0001_major/);
    const restored = run(['db', 'restore', '--before', '2', '--yes', ...where]);
    assert.match(restored, /The local server is as it was before 0002_extra/);
    assert.equal(await rows(url), 'first,second');
    assert.equal(await hasColumn(url), false);
    assert.match(run(['status']), /2 applied, 1 pending/);

    // A second time, over the new timeline, and then further back over both.
    await query(url, "insert into notes (v) values ('third')");
    run(['migrate']);
    await query(url, 'drop table notes');
    run(['db', 'restore', '--before', '0002_extra', '--yes', ...where]);
    assert.equal(await rows(url), 'first,second,third');
    run(['db', 'restore', '--before', '0001_major.sql', '--yes', ...where]);
    assert.equal(await rows(url), 'first');
    assert.match(run(['status']), /1 applied, 2 pending/);
    // What the last restore replaced comes back.
    assert.match(run(['db', 'restore', '--undo', '--yes', ...where]), /undone/);
    assert.equal(await rows(url), 'first,second,third');
    // And goes on: the server starts and stops as ever, takes backups, and restores from the new one.
    run(['db', 'stop', ...where]);
    run(['db', 'start', ...where]);
    run(['db', 'backup', ...where]);
    run(['migrate']);
    assert.equal(await rows(url), 'spoilt,spoilt,spoilt');
    run(['db', 'restore', '--before', '0002', '--yes', ...where]);
    assert.equal(await rows(url), 'first,second,third');

    // The archive has lost what is needed: nothing changes.
    run(['migrate']);
    const archive = path.join(work, 'server/archive');
    await query(url, 'checkpoint; select pg_switch_wal()');
    await sleep(300);
    await query(url, "insert into notes (v) values ('spoilt')");
    for (const file of await fs.readdir(archive)) if (!file.endsWith('.history')) await fs.rm(path.join(archive, file));
    assert.match(run(['db', 'restore', '--before', '0002', '--yes', ...where], { expect: 1 }), /did not succeed[\s\S]*the server runs with the data that it had/);
    assert.equal(await rows(url), 'spoilt,spoilt,spoilt,spoilt');
    assert.equal((await query(url, 'show port'))[0][0], String(port));

    // --keep takes away what leads to the older points, and says so.
    assert.doesNotMatch(run(['db', 'backup', '--list', ...where]), /no backup from before it/);
    assert.match(run(['db', 'backup', '--keep', '1', ...where]), /older backups? removed; 'db restore' goes back to \d+-\S+ and no further/);
    assert.match(run(['db', 'backup', '--list', ...where]), /before 0001_major .*\(no backup from before it is there\)/);
  },

  // SIGKILL while a restore is under way, at several moments: the server comes up with the data before or after it.
  async 'a restore that is killed'() {
    const { run, add, url, where, work } = await project('killed');
    await add('0000_init', "CREATE TABLE notes (id serial PRIMARY KEY, v text);\nINSERT INTO notes (v) VALUES ('first');");
    run(['db', 'backup', ...where]);
    run(['migrate']);
    await add('0001_spoil', "UPDATE notes SET v = 'spoilt';");
    for (const moment of [50, 150, 300, 450]) {
      run(['migrate']);
      const child = spawn(sluice, ['db', 'restore', '--before', '0001', '--yes', ...where], { cwd: work, stdio: 'ignore', env: { ...process.env, DATABASE_URL: url } });
      const closed = new Promise((resolve) => child.on('close', resolve));  // it may be through before
      await sleep(moment);
      child.kill('SIGKILL');
      await closed;
      // Also what the restore had just begun to stop: it goes down first.
      run(['db', 'start', ...where]);
      for (const end = Date.now() + 20000; (await query(url, 'select pg_is_in_recovery()'))[0][0] === 't' && Date.now() < end; ) await sleep(50);
      assert.match(await rows(url), /^(first|spoilt)$/);
      run(['db', 'restore', '--before', '0001', '--yes', ...where]);
      assert.equal(await rows(url), 'first');
    }
  },

  async 'pg_dump of the touched tables'() {
    const { run, add, url, write, work, where } = await project('dump');
    await add('0000_init', `CREATE TABLE notes (id serial PRIMARY KEY, v text);
CREATE TABLE "Other Table" (id int);
CREATE TABLE parted (k int) PARTITION BY LIST (k);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
INSERT INTO notes (v) VALUES ('first'), ('second'); INSERT INTO parted VALUES (1);`);
    run(['migrate']);
    await write('sluice.toml', '[backup]\ndump = "backups"\n');
    await add('0001_spoil', "-- sluice:major\nUPDATE notes SET v = 'spoilt';\nALTER TABLE parted ADD COLUMN x int;");
    const said = run(['migrate']);
    const file = /pg_dump of 3 tables: (\S+\.dump)/.exec(said)?.[1];
    assert.ok(file, said);
    assert.equal((await fs.stat(path.join(work, 'backups'))).mode & 0o77, 0);
    const listed = execFileSync('pg_restore', ['--list', path.join(work, file)], { encoding: 'utf8' });
    assert.match(listed, /TABLE DATA public notes/);
    assert.match(listed, /TABLE DATA public parted_1/);
    assert.doesNotMatch(listed, /Other Table/);
    await query(url, 'drop table notes');
    execFileSync('pg_restore', ['--dbname', url, '--table', 'notes', path.join(work, file)]);
    assert.equal(await rows(url), 'first,second');
    // What cannot be told from the SQL is saved whole; --no-backup goes without; a failure stops the run before it begins.
    await add('0002_do', '-- sluice:major\nDO $$ BEGIN PERFORM 1; END $$;');
    assert.match(run(['migrate']), /pg_dump of the whole database/);
    await add('0003_skipped', '-- sluice:major\nSELECT 1;');
    assert.doesNotMatch(run(['migrate', '--no-backup']), /pg_dump/);
    await add('0004_fails', 'UPDATE notes SET v = v;');
    await write('sluice.toml', '[backup]\ndump = "drizzle.config.json"\n');
    assert.match(run(['migrate', '--backup'], { expect: 1 }), /cannot make the directory[\s\S]*Nothing of 0004_fails.sql was run/);
    assert.match(run(['status']), /4 applied, 1 pending/);
    await write('sluice.toml', '[backup]\nnothing = 1\n');
    assert.match(run(['migrate'], { expect: 1 }), /\[backup\] has no key 'nothing'/);
    void where;
  },

  // A server as one operates it: archiving by pgBackRest, brought back by the very command that is printed.
  async 'pgBackRest'() {
    if (!existsSync('/usr/bin/pgbackrest')) throw new Error('pgbackrest is not installed (tools/setup)');
    const { run, add, url, write, work, where, port } = await project('rest');
    await add('0000_init', "CREATE TABLE notes (id serial PRIMARY KEY, v text);\nINSERT INTO notes (v) VALUES ('first');");
    const data = path.join(work, 'server/data');
    const owner = (await fs.stat(data)).uid;
    const user = root ? execFileSync('id', ['-nu', String(owner)], { encoding: 'utf8' }).trim() : undefined;
    const rest = path.join(work, 'rest');
    for (const directory of ['', 'repo', 'log', 'lock', 'spool']) {
      await fs.mkdir(path.join(rest, directory), { recursive: true });
      if (root) await fs.chown(path.join(rest, directory), owner, -1);
    }
    const config = path.join(rest, 'pgbackrest.conf');
    await fs.writeFile(config, `[global]
repo1-path=${rest}/repo
log-path=${rest}/log
lock-path=${rest}/lock
spool-path=${rest}/spool
log-level-console=warn
start-fast=y
compress-type=none
repo1-retention-full=1
[demo]
pg1-path=${data}
pg1-port=${port}
pg1-socket-path=${work}/server/run
pg1-user=postgres
`);
    const env = { PGBACKREST_CONFIG: config };
    const as = (command) => execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8', cwd: '/', env: { ...process.env, ...env }, ...(root ? { uid: owner } : {}) });
    await query(url, `alter system set archive_command = 'PGBACKREST_CONFIG=${config} pgbackrest --stanza=demo archive-push %p'`);
    await query(url, 'alter system set archive_mode = on');
    run(['db', 'stop', ...where]);
    run(['db', 'start', ...where]);
    as('pgbackrest --stanza=demo stanza-create');
    await write('sluice.toml', '[backup]\npgbackrest = "demo"\n');
    run(['migrate']);
    await query(url, "insert into notes (v) values ('second')");
    await add('0001_spoil', "-- sluice:major\nALTER TABLE notes ADD COLUMN extra text;\nUPDATE notes SET v = 'spoilt';");
    assert.match(run(['migrate'], { env, as: user }), /restore point 'before 0001_spoil [0-9a-f]{8}'; pgbackrest backup of stanza demo/);
    const told = run(['db', 'restore', '--before', '0001'], { env, as: user });
    const command = /^ {2}(pgbackrest .* restore)$/m.exec(told)?.[1];
    assert.ok(command, told);
    await query(url, 'select pg_switch_wal()');
    run(['db', 'stop', ...where]);
    as(command);
    // The configuration of this test is not where pgBackRest looks for it.
    const conf = path.join(data, 'postgresql.auto.conf');
    await fs.writeFile(conf, (await fs.readFile(conf, 'utf8')).replace("'pgbackrest --stanza=demo archive-get", `'PGBACKREST_CONFIG=${config} pgbackrest --stanza=demo archive-get`));
    run(['db', 'start', ...where]);
    for (const end = Date.now() + 20000; (await query(url, 'select pg_is_in_recovery()'))[0][0] === 't' && Date.now() < end; ) await sleep(50);
    assert.equal(await rows(url), 'first,second');
    assert.equal(await hasColumn(url), false);
    assert.match(run(['status']), /1 applied, 1 pending/);
  },

  async 'other servers'() {
    const { run, add, url, write } = await project('other');
    await add('0000_init', 'CREATE TABLE notes (id int);');
    await write('sluice.toml', '[backup]\ndump = "backups"\n');
    run(['migrate', '--backup']);
    // Not the local server of this port's default directory: said how it is done where it is operated.
    assert.match(run(['db', 'restore', '--before', '0000']), /recovery_target_name = 'before 0000_init [0-9a-f]{8}'/);
    assert.match(run(['db', 'backup'], { expect: 1 }), /nothing says how it is backed up/);
    const supabase = 'postgresql://postgres.abcdefghij:secret@aws-0-eu-central-1.pooler.supabase.com:5432/postgres';
    const told = run(['db', 'backup', '--url', supabase]);
    assert.match(told, /supabase.com\/dashboard\/project\/abcdefghij\/database\/backups\/pitr/);
    assert.doesNotMatch(told, /secret/);
    assert.match(run(['db', 'restore'], { expect: 1 }), /--before 0003, or --undo/);
    // A role without the right to write a point: the moment is noted.
    await query(url, "create role plain login password 'plain' createrole; grant create on database postgres to plain; grant usage, create on schema public to plain");
    await query(url, "drop schema if exists drizzle cascade; drop schema if exists sluice cascade; drop table notes");
    assert.match(run(['migrate', '--backup'], { env: { DATABASE_URL: url.replace('postgres:postgres', 'plain:plain') } }), /the moment is noted, 20/);
    assert.match(run(['db', 'restore', '--before', '0000']), /recovery_target_time = '20/);
  },
};

let failed = 0;
const finish = async () => {
  for (const where of servers) spawnSync(sluice, ['db', 'stop', ...where]);
  await fs.rm(top, { recursive: true, force: true });
};
process.once('SIGINT', () => finish().then(() => process.exit(130)));
for (const [name, test] of Object.entries(tests)) {
  if (options.only && !name.includes(options.only)) continue;
  const begun = Date.now();
  try {
    await test();
    console.log(`ok ${name} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed++;
    console.log(`not ok ${name}\n${error.stack}`);
  }
}
await finish();
if (failed) process.exitCode = 1;
