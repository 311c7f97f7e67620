#!/usr/bin/env node
// The C++ library beside its neighbours, in one run, as two Markdown tables:
//   - compiling a schema of 50 tables × 12 columns, and four queries on each table, beside sqlpp11: processor seconds and memory
//   - running queries and COPY beside raw libpq and libpqxx (cpp/queries.cpp), on a server of its own
//
//   node bench/cpp.mjs [--rounds 15] [--only run|compile] [--sqlpp11 DIRECTORY] [--tables 50] [--compiler g++]
//                     [--repeat 1]
//
// It needs build/release of the same checkout (make release: headers and library must agree), Debian's libpqxx-dev and libpq-dev; and, for the first table, a checkout of
// sqlpp11 (git clone --branch 0.66 https://github.com/rbock/sqlpp11) and libhowardhinnant-date-dev.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root, Server } from '../tests/e2e/lib/server.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    only: { type: 'string' },
    sqlpp11: { type: 'string' },
    tables: { type: 'string', default: '50' },
    compiler: { type: 'string', default: 'g++' },
    repeat: { type: 'string', default: '1' },
  },
});
const build = path.join(root, 'build/release');
const here = path.join(root, 'bench');
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'sluice-bench-cpp-'));
const flags = ['-std=c++20', '-Wno-missing-field-initializers', `-I${root}/include`];

function run(command, args) {
  const done = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}\n${done.stdout}${done.stderr}`);
  return done.stdout;
}
const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];
const ratio = (a, b) => (a / b).toFixed(2);

// ---- compile --------------------------------------------------------------------------------------------------------

// name, Sluice's declaration, sqlpp11's type and tags
const columns = [
  ['id', 'bigint("id").primary_key()', 'bigint', 'require_insert'],
  ['owner', 'bigint("owner").not_null()', 'bigint', 'require_insert'],
  ['title', 'text("title").not_null()', 'text', 'require_insert'],
  ['body', 'text("body")', 'text', 'can_be_null'],
  ['slug', 'varchar("slug", 80)', 'varchar', 'can_be_null'],
  ['amount', 'integer("amount").not_null()', 'integer', 'require_insert'],
  ['quantity', 'integer("quantity")', 'integer', 'can_be_null'],
  ['active', 'boolean("active").not_null().default_value(true)', 'boolean', null],
  ['score', 'double_precision("score")', 'floating_point', 'can_be_null'],
  ['created', 'timestamptz("created").not_null().default_now()', 'time_point', null],
  ['updated', 'timestamptz("updated")', 'time_point', 'can_be_null'],
  ['state', 'text("state").not_null().default_value("new")', 'text', null],
];
const tables = Array.from({ length: Number(options.tables) }, (_, i) => i);

const ours = {
  headers: '#include <sluice/pg.hpp>\nusing namespace sluice::pg;\n',
  declare: (n) => `template <class M> struct T${n} {
${columns.map(([name, spec]) => `  col<M, ${spec}> ${name};`).join('\n')}
};
inline constexpr auto t${n} = pg_table<T${n}, "t${n}">();
`,
  use: (n) => `void use${n}(Database& db) {
  for (const auto& row : db.select(t${n}).where(t${n}.owner == ${n} && t${n}.title == "x").order_by(t${n}.id).all()) take(row.title.size());
  db.insert(t${n}).values({.id = 1, .owner = 2, .title = "x", .amount = 3}).execute();
  db.update(t${n}).set(t${n}.title = "y", t${n}.amount = 4).where(t${n}.id == 5).execute();
  db.delete_from(t${n}).where(t${n}.id == 6).execute();
}
`,
};
const member = (name) => `struct _alias_t {
  static constexpr const char _literal[] = "${name}";
  using _name_t = sqlpp::make_char_sequence<sizeof(_literal), _literal>;
  template <typename T> struct _member_t { T ${name}; T& operator()() { return ${name}; } const T& operator()() const { return ${name}; } };
};`;
const theirs = {
  headers: '#include <sqlpp11/sqlpp11.h>\n#include <sqlpp11/postgresql/postgresql.h>\n#include <sqlpp11/postgresql/connection.h>\n',
  declare: (n) => `namespace T${n}_ {
${columns.map(([name, , type, tag]) => `struct C${name} { ${member(name)} using _traits = sqlpp::make_traits<sqlpp::${type}${tag ? `, sqlpp::tag::${tag}` : ''}>; };`).join('\n')}
}
struct T${n} : sqlpp::table_t<T${n}${columns.map(([name]) => `, T${n}_::C${name}`).join('')}> {
  using _value_type = sqlpp::no_value_t;
  ${member(`t${n}`)}
};
inline constexpr T${n} t${n}{};
`,
  use: (n) => `void use${n}(sqlpp::postgresql::connection& db) {
  for (const auto& row : db(select(all_of(t${n})).from(t${n}).where(t${n}.owner == ${n} and t${n}.title == "x").order_by(t${n}.id.asc()))) take(row.title.value().size());
  db(insert_into(t${n}).set(t${n}.id = 1, t${n}.owner = 2, t${n}.title = "x", t${n}.amount = 3));
  db(update(t${n}).set(t${n}.title = "y", t${n}.amount = 4).where(t${n}.id == 5));
  db(remove_from(t${n}).where(t${n}.id == 6));
}
`,
};
const program = (side, parts) =>
  `#include <cstddef>\n${side.headers}void take(std::size_t);\n${parts.includes('declare') ? tables.map(side.declare).join('') : ''}${parts.includes('use') ? tables.map(side.use).join('') : ''}`;

function compile(name, text, more) {
  const file = path.join(directory, `${name}.cpp`);
  fs.writeFileSync(file, text);
  const measured = Array.from({ length: Number(options.repeat) }, () => {
    const output = path.join(directory, 'output');
    const [code, , seconds, peak] = run('perl', [path.join(here, 'lib/measure.pl'), output, options.compiler, ...flags, ...more, '-c', file, '-o', `${file}.o`]).trim().split(' ').map(Number);
    if (code !== 0) throw new Error(fs.readFileSync(output, 'utf8').slice(0, 4000));
    return { seconds, peak };
  });
  return { seconds: median(measured.map((m) => m.seconds)), megabytes: median(measured.map((m) => m.peak)) / 1024 };
}

function compiling() {
  if (!options.sqlpp11 || !fs.existsSync(path.join(options.sqlpp11, 'include/sqlpp11')))
    throw new Error('sqlpp11 is missing: git clone --branch 0.66 https://github.com/rbock/sqlpp11, and say --sqlpp11 DIRECTORY');
  const their = [`-I${path.resolve(options.sqlpp11)}/include`, '-I/usr/include/postgresql'];
  const rows = [
    ['the headers alone', [], '-O0'],
    ['the declarations', ['declare'], '-O0'],
    ['the declarations and four queries on each table', ['declare', 'use'], '-O0'],
    ['the same, optimized', ['declare', 'use'], '-O2'],
  ];
  console.log(`\n${tables.length} tables × ${columns.length} columns, ${run(options.compiler, ['--version']).split('\n')[0]}\n`);
  console.log('| one file with | Sluice | sqlpp11 0.66 | time | memory |\n|---|---|---|---|---|');
  for (const [what, parts, level] of rows) {
    const a = compile('ours', program(ours, parts), [level]);
    const b = compile('theirs', program(theirs, parts), [level, ...their]);
    const cell = ({ seconds, megabytes }) => `${seconds.toFixed(1)} s, ${Math.round(megabytes)} MB`;
    console.log(`| ${what} | ${cell(a)} | ${cell(b)} | ${ratio(a.seconds, b.seconds)} × | ${ratio(a.megabytes, b.megabytes)} × |`);
  }
}

// ---- run ------------------------------------------------------------------------------------------------------------

async function running() {
  const binary = path.join(directory, 'queries');
  run(options.compiler, [...flags, '-O2', path.join(here, 'cpp/queries.cpp'), '-o', binary, path.join(build, 'libsluice.a'),
    path.join(build, 'libsluice_pgparser.a'), '-lfmt', '-ldl', '-lpqxx', '-lpq']);
  const server = await Server.start();
  try {
    const { url } = await server.createDatabase();
    const out = run(binary, [`${url}${url.includes('?') ? '&' : '?'}options=-ctimezone%3DUTC`, options.rounds]);
    console.log('\n| | raw libpq | libpqxx | Sluice | beside libpq | beside libpqxx |\n|---|---|---|---|---|---|');
    for (const line of out.trim().split('\n')) {
      const [what, ...times] = line.split('\t');
      const [raw, pqxx, sluice] = times.map(Number);
      const cell = (s) => (s < 0.001 ? `${(s * 1e6).toFixed(0)} µs` : `${(s * 1e3).toFixed(1)} ms`);
      console.log(`| ${what} | ${cell(raw)} | ${cell(pqxx)} | ${cell(sluice)} | ${ratio(sluice, raw)} × | ${ratio(sluice, pqxx)} × |`);
    }
  } finally {
    await server.stop();
  }
}

try {
  if (options.only !== 'compile') await running();
  if (options.only !== 'run') compiling();
} finally {
  fs.rmSync(directory, { recursive: true, force: true });
}
