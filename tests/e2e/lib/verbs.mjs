// The verbs of case files. README.md beside the cases explains them with examples.
import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse as parsePrometheus } from './prometheus.mjs';
import { query, root } from './server.mjs';
import { Failure } from './workspace.mjs';

const binaries = path.join(root, 'tests', 'node_modules', '.bin');
const patience = 20_000;

// The schema that OASIS published, from a package that brings it; formats (URIs, dates) are checked too.
function sarifSchema() {
  const require = createRequire(path.join(root, 'tests', 'package.json'));
  const Ajv = require('ajv');
  const schema = require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
  const ajv = new Ajv({ schemaId: 'auto', allErrors: true, meta: false });
  ajv.addMetaSchema(require('ajv/lib/refs/json-schema-draft-04.json'));
  return ajv.compile(schema);
}

const quoted = (text) => (text.includes('\n') ? `\n${text.trimEnd()}\n` : `'${text}'`);
const unescaped = (text) =>
  text.replace(/\\([nt\\])/g, (_, letter) => ({ n: '\n', t: '\t', '\\': '\\' })[letter]);

function firstWord(text, usage) {
  const match = /^(\S+)(?:\s+([\s\S]*))?$/.exec(text);
  if (!match) throw new Failure(`usage: ${usage}`);
  return [match[1], match[2] ?? ''];
}

function arrow(text, sign = ' =>') {
  const at = text.lastIndexOf(sign);
  return at < 0 ? [text, undefined] : [text.slice(0, at).trim(), text.slice(at + sign.length).trim()];
}

function report(run) {
  return `${run.command}\n  exit ${run.code}\n  stdout: ${quoted(run.stdout)}\n  stderr: ${quoted(run.stderr)}`;
}

async function runExpecting(code, command, workspace, options) {
  const run = await workspace.run(command, options);
  if (run.code !== code) throw new Failure(`expected exit ${code}, got ${run.code}\n  ${report(run)}`);
}

function contains(where) {
  return (text, workspace) => {
    if (!workspace.last[where].includes(workspace.expand(text)))
      throw new Failure(`${where} does not contain '${text}'\n  ${report(workspace.last)}`);
  };
}

function lacks(where) {
  return (text, workspace) => {
    if (workspace.last[where].includes(workspace.expand(text)))
      throw new Failure(`${where} contains '${text}'\n  ${report(workspace.last)}`);
  };
}

const rowsAsText = (rows) => rows.map((row) => row.map((value) => value ?? 'null').join('|')).join('; ');

async function sqlText(text, workspace) {
  try {
    return rowsAsText(await query(workspace.env.DATABASE_URL, text));
  } catch (error) {
    return `error: ${error.message}`;
  }
}

function expectJson(content, name, text, workspace, context) {
  const [expression, expected] = arrow(text);
  let value;
  try {
    value = new Function(name, `return ${expression}`)(JSON.parse(content));
  } catch (error) {
    throw new Failure(`${error.message}\n  ${context()}`);
  }
  const found = typeof value === 'string' ? value : JSON.stringify(value);
  if (found !== workspace.expand(expected))
    throw new Failure(`${expression} is ${found}, expected ${expected}\n  ${context()}`);
}

async function until(what, condition) {
  for (const end = Date.now() + patience; Date.now() < end; await sleep(20)) if (await condition()) return;
  throw new Failure(`waited ${patience / 1000} s in vain for: ${what}`);
}

const read = (name, workspace) =>
  fs.readFile(workspace.resolve(name), 'utf8').catch((error) => {
    throw new Failure(`${name}: ${error.code}`);
  });
const isThere = (name, workspace) =>
  fs.lstat(workspace.resolve(name)).then(
    () => true,
    () => false,
  );

export const verbs = {
  // ---- where it happens
  async use(name, workspace) {
    await fs.cp(path.join(root, 'tests/e2e/workspaces', name), workspace.directory, { recursive: true });
  },
  cd(name, workspace) {
    workspace.directory = workspace.resolve(name);
  },
  // `db NAME`: its URL is in $NAME_URL too; `db NAME elsewhere`: on another server.
  async db(text, workspace) {
    const [name, elsewhere] = text.split(/\s+/);
    const server = elsewhere ? await workspace.server.another() : workspace.server;
    const database = await server.createDatabase();
    workspace.databases.push({ ...database, server });
    Object.assign(workspace.env, { DATABASE_URL: database.url, URL: database.url, DATABASE: database.name });
    if (name) workspace.env[`${name}_URL`] = database.url;
  },
  // The same on a Citus cluster: $URL is the coordinator's, $WORKER_URL a worker's.
  async citus(_, workspace) {
    const cluster = await workspace.server.cluster();
    const database = await cluster.createDatabase();
    workspace.databases.push({ ...database, server: cluster });
    Object.assign(workspace.env, { DATABASE_URL: database.url, URL: database.url, DATABASE: database.name, WORKER_URL: database.workers[0] });
  },
  env(text, workspace) {
    const at = text.indexOf('=');
    if (at < 0) delete workspace.env[text];
    else workspace.env[text.slice(0, at)] = workspace.expand(text.slice(at + 1));
  },
  async 'node-modules'(version, workspace) {
    await workspace.linkNodeModules(version);
  },

  // The case's directory as a git repository with one commit on main.
  async git(_, workspace) {
    for (const who of ['AUTHOR', 'COMMITTER'])
      Object.assign(workspace.env, { [`GIT_${who}_NAME`]: 'Test', [`GIT_${who}_EMAIL`]: 'test@example.org' });
    await workspace.write('.gitignore', 'node_modules\n');
    await runExpecting(0, 'git init -q -b main && git add -A && git commit -qm start', workspace);
  },

  // ---- commands
  run: (command, workspace) => runExpecting(0, command, workspace),
  fails(text, workspace) {
    const [code, command] = firstWord(text, 'fails CODE COMMAND');
    return runExpecting(Number(code), command, workspace);
  },
  // On a terminal, with these keys typed: `terminal CODE KEYS => COMMAND`.
  async terminal(text, workspace) {
    const [code, rest] = firstWord(text, 'terminal CODE KEYS => COMMAND');
    const [keys, command] = arrow(rest);
    const typed = keys.replace(/<(enter|down|up|ctrl-c|esc)>/g, (_, key) =>
      ({ enter: '\r', down: '\x1b[B', up: '\x1b[A', 'ctrl-c': '\x03', esc: '\x1b' })[key]);
    const quotedCommand = `'${command.replaceAll("'", `'\\''`)}'`;
    const script = `(sleep 1; printf '%b' '${typed.replaceAll('\x1b', '\\033').replaceAll('\r', '\\r').replaceAll('\x03', '\\003')}'; sleep 1) | script -qefc ${quotedCommand} /dev/null`;
    await runExpecting(Number(code), script, workspace);
  },
  async parallel(text, workspace) {
    const [count, command] = firstWord(text, 'parallel N COMMAND');
    const runs = await Promise.all(Array.from({ length: Number(count) }, () => workspace.spawn(command).done));
    const bad = runs.find((run) => run.code !== 0);
    if (bad) throw new Failure(`one of ${count} at once failed\n  ${report(bad)}`);
    workspace.last = {
      command: text,
      code: 0,
      stdout: runs.map((run) => run.stdout).join(''),
      stderr: runs.map((run) => run.stderr).join(''),
    };
  },
  start(text, workspace) {
    const [name, command] = firstWord(text, 'start NAME COMMAND');
    workspace.background.set(name, workspace.spawn(command));
  },
  signal(text, workspace) {
    const [name, signal] = firstWord(text, 'signal NAME INT|TERM|KILL');
    workspace.background.get(name).signal(`SIG${signal}`);
  },
  async wait(text, workspace) {
    const [name, code] = firstWord(text, 'wait NAME CODE');
    workspace.last = await workspace.background.get(name).done;
    if (workspace.last.code !== Number(code))
      throw new Failure(`expected exit ${code}, got ${workspace.last.code}\n  ${report(workspace.last)}`);
  },
  async 'drizzle-migrate'(text, workspace) {
    const [folder = 'drizzle', table = '', schema = ''] = text.split(/\s+/).filter(Boolean);
    const script = path.join(root, 'tests/e2e/lib/drizzle-migrate.mjs');
    await runExpecting(0, `${process.execPath} ${script} ${folder} ${table} ${schema}`, workspace);
  },
  async 'drizzle-kit'(text, workspace) {
    await workspace.linkNodeModules();
    await runExpecting(0, `${binaries}/drizzle-kit ${text}`, workspace);
  },

  // The same of 1.0.
  async 'drizzle-1-migrate'(text, workspace) {
    await workspace.linkNodeModules('1');
    await workspace.write('drizzle-migrate.mjs', await fs.readFile(path.join(root, 'tests/e2e/lib/drizzle-migrate.mjs'), 'utf8'));
    await runExpecting(0, `${process.execPath} drizzle-migrate.mjs ${text || 'drizzle'}`, workspace);
  },
  async 'drizzle-1-kit'(text, workspace) {
    await workspace.linkNodeModules('1');
    await runExpecting(0, `${process.execPath} node_modules/drizzle-kit/bin.cjs ${text}`, workspace);
  },

  // ---- what the last command said
  stdout: contains('stdout'),
  'stdout!': lacks('stdout'),
  stderr: contains('stderr'),
  'stderr!': lacks('stderr'),
  match(text, workspace) {
    const output = workspace.last.stdout + workspace.last.stderr;
    if (!new RegExp(text, 'm').test(output)) throw new Failure(`no match for /${text}/\n  ${report(workspace.last)}`);
  },
  // A JavaScript expression over the JSON on stdout: `json out.pending.length => 2`.
  json(text, workspace) {
    expectJson(workspace.last.stdout, 'out', text, workspace, () => report(workspace.last));
  },
  // The last command printed a log that SARIF 2.1.0's own schema accepts.
  sarif(_, workspace) {
    const validate = sarifSchema();
    if (!validate(JSON.parse(workspace.last.stdout)))
      throw new Failure(`not SARIF 2.1.0: ${JSON.stringify(validate.errors, null, 1)}\n  ${report(workspace.last)}`);
  },
  // The same of a file: `json-file drizzle/meta/_journal.json file.entries.length => 2`.
  async 'json-file'(text, workspace) {
    const [name, rest] = firstWord(text, 'json-file FILE EXPRESSION => VALUE');
    const content = await read(name, workspace);
    expectJson(content, 'file', rest, workspace, () => `${name}: ${quoted(content)}`);
  },
  // A file of JSON lines, or those on stderr: `json-lines trace.jsonl lines.length => 2`.
  async 'json-lines'(text, workspace) {
    const [name, rest] = firstWord(text, 'json-lines FILE EXPRESSION => VALUE');
    const content = name === 'stderr' ? workspace.last.stderr : await read(name, workspace);
    const all = `[${content.trimEnd().split('\n').join(',\n')}]`;
    expectJson(all, 'lines', rest, workspace, () => `${name}: ${quoted(content)}\n  ${report(workspace.last)}`);
  },
  // A file for Prometheus; `value(NAME, {label: 'x'})` is a sample's.
  async prometheus(text, workspace) {
    const [name, rest] = firstWord(text, 'prometheus FILE EXPRESSION => VALUE');
    const content = await read(name, workspace);
    let samples;
    try {
      samples = parsePrometheus(content);
    } catch (error) {
      throw new Failure(`${name}: ${error.message}\n${quoted(content)}`);
    }
    const expression = `(value => ${arrow(rest)[0]})((name, wanted = {}) => samples.find((each) => each.name === name && Object.entries(wanted).every(([label, text]) => each.labels[label] === text))?.value) => ${arrow(rest)[1]}`;
    expectJson(JSON.stringify(samples), 'samples', expression, workspace, () => `${name}: ${quoted(content)}`);
  },

  // ---- files
  async exists(name, workspace) {
    if (!(await isThere(name, workspace))) throw new Failure(`${name} does not exist`);
  },
  async missing(name, workspace) {
    if (await isThere(name, workspace)) throw new Failure(`${name} exists`);
  },
  async in(text, workspace) {
    const [name, wanted] = firstWord(text, 'in FILE TEXT');
    const found = await read(name, workspace);
    if (!found.includes(unescaped(wanted))) throw new Failure(`${name} does not contain '${wanted}':${quoted(found)}`);
  },
  async 'in!'(text, workspace) {
    const [name, unwanted] = firstWord(text, 'in! FILE TEXT');
    const found = await read(name, workspace);
    if (found.includes(unescaped(unwanted))) throw new Failure(`${name} contains '${unwanted}':${quoted(found)}`);
  },
  // `same FILE`: stdout is its text. `same A B`: two files have one text. Dates and identifiers do not count.
  async same(text, workspace) {
    const [one, other] = text.split(/\s+/);
    const settled = (value) =>
      value
        .replace(/^-- Created: .*$/gm, '-- Created: DATE')
        .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
        .trimEnd();
    const wanted = settled(await read(other ?? one, workspace));
    const found = settled(other ? await read(one, workspace) : workspace.last.stdout);
    if (found !== wanted) throw new Failure(`not the same: expected ${quoted(wanted)}\n  found ${quoted(found)}`);
  },
  async files(text, workspace) {
    const [directory, expected] = arrow(text);
    const found = (await fs.readdir(workspace.resolve(directory)).catch(() => ['(no directory)'])).sort().join(' ');
    if (found !== expected) throw new Failure(`${directory} has: ${found}\n  expected: ${expected}`);
  },
  async write(text, workspace) {
    const [name, content] = firstWord(text, 'write FILE TEXT');
    await workspace.write(name, unescaped(content));
  },
  async append(text, workspace) {
    const [name, content] = firstWord(text, 'append FILE TEXT');
    await fs.appendFile(workspace.resolve(name), unescaped(content));
  },
  async replace(text, workspace) {
    const [name, change] = firstWord(text, 'replace FILE OLD ==> NEW');
    const [old, fresh = ''] = arrow(change, ' ==>').map(unescaped);
    const before = await read(name, workspace);
    if (!before.includes(old)) throw new Failure(`${name} does not contain '${old}'`);
    await fs.writeFile(workspace.resolve(name), before.replace(old, () => fresh));
  },
  async copy(text, workspace) {
    const [from, to] = text.split(/\s+/);
    await fs.mkdir(path.dirname(workspace.resolve(to)), { recursive: true });
    await fs.cp(workspace.resolve(from), workspace.resolve(to), { recursive: true });
  },
  async rm(name, workspace) {
    await fs.rm(workspace.resolve(name), { recursive: true });
  },
  async chmod(text, workspace) {
    const [mode, name] = text.split(/\s+/);
    await fs.chmod(workspace.resolve(name), Number.parseInt(mode, 8));
  },
  // A journal with these migrations, one second apart, or at the milliseconds that stand after an @.
  async journal(text, workspace) {
    const entries = text.split(/\s+/).map((word, idx) => {
      const [tag, when = 1_760_000_000_000 + idx * 1000] = word.split('@');
      return { idx, version: '7', when: Number(when), tag, breakpoints: true };
    });
    const journal = { version: '7', dialect: 'postgresql', entries };
    await workspace.write('drizzle/meta/_journal.json', JSON.stringify(journal, null, 2));
  },

  // ---- the database
  async sql(text, workspace) {
    const [statement, expected] = arrow(text);
    const found = await sqlText(statement, workspace);
    if (expected === undefined ? found.startsWith('error: ') : found !== expected)
      throw new Failure(`${statement}\n  gives ${found}${expected === undefined ? '' : `\n  expected ${expected}`}`);
  },
  async until(text, workspace) {
    const [statement, expected] = arrow(text);
    await until(text, async () => (await sqlText(statement, workspace)) === expected);
  },
};
