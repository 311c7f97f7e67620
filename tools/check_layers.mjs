// Holds the rooms of src/ to their layers: which room may include which, and which libraries stay behind which door.
//
//   tools/check_layers              check this checkout
//   tools/check_layers --self-test  check made-up trees, each with one fault, that the check must find
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

// A room may include itself, `base` and what stands here. Widen it only with a reason in the commit. docs/design.md has
// the same table, without the rooms that are not built yet.
const rooms = {
  base: [],
  sql: [],
  model: [],
  ddl: ['sql', 'model'],
  server: [],
  read: ['sql', 'model', 'ddl', 'server'],
  diff: ['model'],
  impact: ['sql', 'model', 'ddl'],
  plan: ['sql', 'model', 'ddl', 'diff', 'impact'],
  review: ['sql', 'model', 'ddl', 'impact'],
  write: ['sql', 'model'],
  history: ['model'],
  apply: ['sql', 'model', 'history', 'server', 'impact'],
  docs: ['model'],
  seed: ['sql', 'model'],
  studio: ['sql', 'server'],
  typed: ['model', 'server', 'history', 'apply'],
}
const everything = [...Object.keys(rooms), 'cli']
rooms.cli = everything

// Libraries, and the rooms that may know them.
const libraries = [
  { name: 'libpq', headers: /^(libpq-fe|libpq-events|pg_config\w*|postgres_ext)\.h$|^libpq\//, rooms: ['server'] },
  { name: 'nlohmann-json', headers: /^nlohmann\//, rooms: ['model', 'read', 'write', 'history', 'server', 'apply', 'studio', 'cli'] },
  { name: 'CLI11', headers: /^CLI\//, rooms: ['cli'] },
  { name: 'toml++', headers: /^toml\+\+\//, rooms: ['cli'] },
  { name: 'toml++', headers: /^toml\+\+|^toml\.hpp$/, rooms: ['cli'] },
  { name: 'the WebAssembly run time', headers: /^wasm-rt/, rooms: ['sql', 'read'] },
  { name: 'libpg_query', headers: /^(pg_query|protobuf-c)/, rooms: ['sql'] },
]

// Headers that a build step writes: they stand in the build directory, not in src/.
const generated = [
  { headers: /^qjs\w*\.h$/, rooms: ['read'] },
  { headers: /^pgparser\w*\.h$/, rooms: ['sql'] },
]

function files_under(directory) {
  if (!existsSync(directory)) return []
  return readdirSync(directory, { recursive: false, withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(directory, entry.name)
      return entry.isDirectory() ? files_under(path) : [path]
    })
}

// [{line, name, quoted}], one for each #include that is not in a comment or a raw string.
function includes_of(text) {
  const code = text.replace(/R"(\w*)\([^]*?\)\1"|\/\*[^]*?\*\/|\/\/[^\n]*/g, (hidden) => hidden.replace(/[^\n]/g, ' '))
  const found = []
  code.split('\n').forEach((line, index) => {
    const match = /^\s*#\s*include\s*([<"])([^>"]+)[>"]/.exec(line)
    if (match) found.push({ line: index + 1, name: match[2], quoted: match[1] === '"' })
  })
  return found
}

// The first circle in a graph {node: [node, ...]}, as the nodes in order, or nothing.
function circle_in(graph) {
  const state = new Map()
  const path = []
  const visit = (node) => {
    if (state.get(node) === 'done') return
    if (state.get(node) === 'open') return path.slice(path.indexOf(node)).concat(node)
    state.set(node, 'open')
    path.push(node)
    for (const next of graph[node] ?? []) {
      const circle = visit(next)
      if (circle) return circle
    }
    path.pop()
    state.set(node, 'done')
  }
  for (const node of Object.keys(graph)) {
    const circle = visit(node)
    if (circle) return circle
  }
}

// Where the table of rooms in docs/design.md, with rows | `room` | what it is | may include |, is not the one above.
function differences_to(design, source) {
  const problems = []
  const built = everything.filter((room) => existsSync(join(source, room)))
  const documented = new Map()
  design.split('\n').forEach((text, index) => {
    const row = /^\| `(\w+)` \|[^|]*\| ([^|]*) \|$/.exec(text)
    if (row && everything.includes(row[1])) documented.set(row[1], { line: index + 1, below: row[2] })
  })
  for (const room of built) {
    const row = documented.get(room)
    const below = rooms[room].filter((other) => built.includes(other))
    const expected = rooms[room] === everything ? 'everything' : below.join(', ') || '–'
    if (!row) problems.push(`docs/design.md:1: the table of rooms has no row for ${room}`)
    else if (row.below !== expected)
      problems.push(`docs/design.md:${row.line}: ${room} may include ${expected}, not ${row.below}`)
  }
  return problems
}

// The problems of the checkout at `root`, as lines to print.
export function check(root) {
  const problems = []
  const source = join(root, 'src')
  const graph = {}
  const allowed = (room) => ['base', room, ...rooms[room].filter((other) => other !== room && other !== 'base')]
  const known = (room) => Object.hasOwn(rooms, room)

  const table = Object.fromEntries(Object.entries(rooms).map(([room, below]) => [room, below.filter((b) => b !== room)]))
  const table_circle = circle_in(table)
  if (table_circle) problems.push(`the table of rooms has a circle: ${table_circle.join(' -> ')}`)

  for (const path of files_under(source)) {
    if (!/\.(cpp|hpp|cc|hh|c|h|inc)$/.test(path)) continue
    const file = relative(source, path).split('\\').join('/')
    const [room, ...rest] = file.split('/')
    const here = `src/${file}`
    if (rest.length === 0) {
      problems.push(`${here}:1: a source file stands in a room, src/<room>/, not in src/ itself`)
      continue
    }
    if (!known(room)) {
      problems.push(`${here}:1: room '${room}' is not in the table of rooms`)
      continue
    }
    graph[file] = []
    for (const { line, name, quoted } of includes_of(readFileSync(path, 'utf8'))) {
      const at = `${here}:${line}: `
      const library = libraries.find((entry) => entry.headers.test(name))
      if (library) {
        if (!library.rooms.includes(room))
          problems.push(`${at}${name}: ${library.name} is for ${library.rooms.join(', ')} only, not for ${room}`)
        continue
      }
      const written = generated.find((entry) => entry.headers.test(name))
      if (written) {
        if (!written.rooms.includes(room)) problems.push(`${at}${name} is for ${written.rooms.join(', ')} only`)
        continue
      }
      const other = name.split('/')[0]
      const inside = name.includes('/') && known(other)
      if (!quoted) {
        if (inside) problems.push(`${at}write "${name}": <> is for libraries`)
        continue
      }
      if (name !== posix.normalize(name) || name.startsWith('.')) {
        problems.push(`${at}"${name}": write the path from src/, for example "base/text.hpp"`)
      } else if (name.startsWith('sluice/')) {
        if (!existsSync(join(root, 'include', name))) problems.push(`${at}there is no include/${name}`)
      } else if (!name.includes('/')) {
        problems.push(`${at}"${name}": write the path from src/, for example "${room}/${name}"`)
      } else if (!inside) {
        problems.push(`${at}"${name}": room '${other}' is not in the table of rooms`)
      } else if (!existsSync(join(source, name))) {
        problems.push(`${at}there is no src/${name}`)
      } else if (!allowed(room).includes(other)) {
        problems.push(`${at}${room} may not include ${other} ("${name}"), only ${allowed(room).join(', ')}`)
      } else {
        graph[file].push(name)
      }
    }
  }

  const circle = circle_in(graph)
  if (circle) problems.push(`src/${circle[0]}:1: files include one another in a circle: ${circle.join(' -> ')}`)

  const design = join(root, 'docs', 'design.md')
  if (existsSync(design)) problems.push(...differences_to(readFileSync(design, 'utf8'), source))

  // A user of the library has none of our libraries' headers, and none of ours but the public ones.
  for (const path of files_under(join(root, 'include'))) {
    const here = relative(root, path).split('\\').join('/')
    for (const { line, name, quoted } of includes_of(readFileSync(path, 'utf8'))) {
      const library = libraries.find((entry) => entry.headers.test(name))
      if (library) problems.push(`${here}:${line}: ${name}: a public header may not show ${library.name}`)
      const ours = quoted || name.startsWith('sluice/')
      if (ours && !existsSync(join(root, 'include', name)))
        problems.push(`${here}:${line}: "${name}": a public header includes only sluice/… of include/`)
    }
  }
  return problems
}

// Each tree: its files, and the text that some problem must contain, or nothing if there must be none.
const faulty_trees = [
  {
    title: 'a clean tree',
    files: {
      'src/base/text.hpp': '#include <string>\n',
      'src/model/schema.hpp': '#include "base/text.hpp"\n#include <nlohmann/json.hpp>\n',
      'src/diff/compare.cpp': '// #include "plan/plan.hpp"\nauto s = R"(\n#include "nothing.h"\n)";\n#include "model/schema.hpp"\n',
      'src/server/connect.cpp': '#include <libpq-fe.h>\n#include "base/text.hpp"\n',
      'src/cli/main.cpp': '#include "diff/diff.hpp"\n#include "sluice/version.hpp"\n',
      'src/diff/diff.hpp': '',
      'include/sluice/version.hpp': '#include <string_view>\n',
    },
  },
  {
    title: 'an arrow that the table does not have',
    files: { 'src/diff/compare.cpp': '\n#include "server/connect.hpp"\n', 'src/server/connect.hpp': '' },
    finds: 'src/diff/compare.cpp:2: diff may not include server',
  },
  {
    title: 'an upward arrow',
    files: { 'src/base/text.cpp': '#include "cli/print.hpp"\n', 'src/cli/print.hpp': '' },
    finds: 'src/base/text.cpp:1: base may not include cli',
  },
  {
    title: 'a file that is not there',
    files: { 'src/model/schema.cpp': '#include "model/scheme.hpp"\n' },
    finds: 'src/model/schema.cpp:1: there is no src/model/scheme.hpp',
  },
  {
    title: 'a circle of files',
    files: { 'src/base/a.hpp': '#include "base/b.hpp"\n', 'src/base/b.hpp': '#include "base/a.hpp"\n' },
    finds: 'circle: base/a.hpp -> base/b.hpp -> base/a.hpp',
  },
  {
    title: 'a room without a place in the table',
    files: { 'src/utils/misc.hpp': '' },
    finds: "room 'utils' is not in the table",
  },
  {
    title: 'an include of such a room',
    files: { 'src/cli/main.cpp': '#include "utils/misc.hpp"\n' },
    finds: "room 'utils' is not in the table",
  },
  { title: 'a file outside of the rooms', files: { 'src/main.cpp': '' }, finds: 'stands in a room' },
  {
    title: 'libpq outside of its room',
    files: { 'src/apply/ledger.cpp': '#include <libpq-fe.h>\n' },
    finds: 'src/apply/ledger.cpp:1: libpq-fe.h: libpq is for server only',
  },
  {
    title: 'JSON where values should be',
    files: { 'src/diff/compare.cpp': '#include <nlohmann/json.hpp>\n' },
    finds: 'nlohmann-json is for',
  },
  {
    title: 'a path that starts at the file',
    files: { 'src/base/text.cpp': '#include "text.hpp"\n', 'src/base/text.hpp': '' },
    finds: 'write the path from src/',
  },
  {
    title: 'a library in a public header',
    files: { 'include/sluice/table.hpp': '#include <libpq-fe.h>\n' },
    finds: 'include/sluice/table.hpp:1: libpq-fe.h: a public header may not show libpq',
  },
  {
    title: 'a design that says something else',
    files: { 'src/diff/diff.hpp': '', 'src/model/schema.hpp': '', 'docs/design.md': '| `diff` | x | – |\n| `model` | x | – |\n' },
    finds: 'docs/design.md:1: diff may include model, not –',
  },
  {
    title: 'a design without the room',
    files: { 'src/diff/diff.hpp': '', 'src/model/schema.hpp': '', 'docs/design.md': '| `diff` | x | model |\n' },
    finds: 'no row for model',
  },
]

function self_test() {
  let passed = 0
  let failed = 0
  for (const { title, files, finds } of faulty_trees) {
    const root = mkdtempSync(join(tmpdir(), 'check_layers-'))
    try {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(root, name)), { recursive: true })
        writeFileSync(join(root, name), text)
      }
      const problems = check(root)
      const right = finds === undefined ? problems.length === 0 : problems.length === 1 && problems[0].includes(finds)
      if (right) {
        passed++
      } else {
        failed++
        console.error(`${title}: expected ${finds ?? 'no problem'}, found:`)
        for (const problem of problems) console.error(`  ${problem}`)
      }
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  }
  if (circle_in({ a: ['b'], b: ['c'], c: ['a'] }) === undefined || circle_in({ a: ['b', 'c'], b: ['c'] }) !== undefined) {
    failed++
    console.error('circle_in is wrong')
  } else {
    passed++
  }
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [mode] = process.argv.slice(2)
if (mode === '--self-test') {
  process.exitCode = self_test() ? 0 : 1
} else if (mode === undefined) {
  if (!statSync(join(root, 'src'), { throwIfNoEntry: false })) throw new Error(`there is no src/ in ${root}`)
  const problems = check(root)
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length === 0 ? 0 : 1
} else {
  console.error('usage: tools/check_layers [--self-test]')
  process.exitCode = 1
}
