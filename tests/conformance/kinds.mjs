#!/usr/bin/env node
// Every kind of change in kinds.txt must be in a pair of pairs/. Needs no database.
//
//   node tests/conformance/kinds.mjs [--list]     --list prints the pairs of each kind
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { register } from 'tsx/cjs/api';
import { findSluice, root } from '../e2e/lib/server.mjs';
import { readPair } from './lib/pair.mjs';

const require = createRequire(import.meta.url);
register();
const kit = require('./lib/kit.cjs');
const sluice = findSluice();
const here = path.join(root, 'tests/conformance');

// "changed KEY: OLD -> NEW" and so on, for all that is in either of two JSON values.
function differences(before, after, key, out) {
  const isObject = (value) => typeof value === 'object' && value !== null;
  if (before === undefined) out.push(`added ${key}: ${JSON.stringify(after)}`);
  else if (after === undefined) out.push(`removed ${key}: ${JSON.stringify(before)}`);
  else if (JSON.stringify(before) === JSON.stringify(after)) out.push(`kept ${key}: ${JSON.stringify(after)}`);
  else if (!isObject(before) || !isObject(after)) out.push(`changed ${key}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`);
  if (!isObject(before) || !isObject(after)) return out;
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)]))
    differences(before[name], after[name], key ? `${key}/${name}` : name, out);
  return out;
}

async function statements(directory, from, to, renames) {
  const child = spawn(sluice, ['diff', '--json', from, to, ...renames.flatMap((text) => ['--rename', text])], { cwd: directory });
  let out = '', problem = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (problem += text));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`sluice diff: ${problem}${out}`);
  return JSON.parse(out).statements.map(({ sql }) => sql.replace(/\s*\n\s*/g, ' '));
}

// All that kinds.txt can ask of a pair, a line each.
async function linesOf(pair, top) {
  const directory = path.join(top, pair.name);
  await fs.mkdir(directory);
  await fs.symlink(path.join(root, 'tests/node_modules'), path.join(directory, 'node_modules'));
  const snapshots = [kit.empty()];
  for (const side of ['before', 'after']) {
    await fs.writeFile(path.join(directory, `${side}.ts`), pair[side]);
    snapshots.push(kit.snapshot(require(path.join(directory, `${side}.ts`)), pair.casing));
  }
  for (const [i, name] of ['empty', 'a', 'b'].entries()) await fs.writeFile(path.join(directory, `${name}.json`), JSON.stringify(snapshots[i]));
  const { id, prevId, ...before } = snapshots[1];
  const { id: _, prevId: __, ...after } = snapshots[2];
  return [
    ...differences(before, after, '', []),
    ...(await statements(directory, 'a.json', 'b.json', pair.renames)).map((sql) => `sql ${sql}`),
    ...(await statements(directory, 'empty.json', 'b.json', [])).map((sql) => `create ${sql}`),
    `pair casing ${pair.casing}`,
  ];
}

const kinds = (await fs.readFile(path.join(here, 'kinds.txt'), 'utf8'))
  .split('\n')
  .filter((line) => line && !line.startsWith('#'))
  .map((line) => {
    const [, name, rest] = /^(.*?):\s+(\/.*\/)$/.exec(line) ?? [];
    if (!name) throw new Error(`kinds.txt: not 'name: /regular expression/ …': ${line}`);
    return { name, patterns: rest.slice(1, -1).split(/\/\s{2,}\//).map((text) => new RegExp(text)), pairs: [] };
  });

const top = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-kinds-'));
try {
  const names = (await fs.readdir(path.join(here, 'pairs'))).filter((name) => name.endsWith('.txt')).sort();
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let name = names.shift(); name; name = names.shift()) {
        const pair = await readPair(path.join(here, 'pairs', name));
        const lines = await linesOf(pair, top);
        for (const kind of kinds)
          if (kind.patterns.every((pattern) => lines.some((line) => pattern.test(line)))) kind.pairs.push(pair.name);
      }
    }),
  );
} finally {
  await fs.rm(top, { recursive: true, force: true });
}
const missing = kinds.filter(({ pairs }) => pairs.length === 0);
if (process.argv.includes('--list')) for (const { name, pairs } of kinds) console.log(`${name}: ${pairs.sort().join(' ')}`);
for (const { name, patterns } of missing) console.log(`no pair has: ${name}\n    ${patterns.join('  ')}`);
console.log(`${kinds.length - missing.length} of ${kinds.length} kinds of change are in a pair`);
if (missing.length > 0 || kinds.length === 0) process.exitCode = 1;
