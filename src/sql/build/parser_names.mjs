// Gives the minified names of the translated parser readable ones, and its imports a prefix of their own.
//
//   node parser_names.mjs <loader of the npm package> <wasm2c output without suffix>
//
// The letters change with every release of the package; its own loader knows them. The build stops here if the loader
// has not what src/sql/parser_host.cpp was written for; the compiler checks the types.
import { readFileSync, writeFileSync } from 'node:fs'

const [loader_file, output] = process.argv.slice(2)
const loader = readFileSync(loader_file, 'utf8')
const header = readFileSync(`${output}.h`, 'utf8')
const source = readFileSync(`${output}.c`, 'utf8')

const stop = (what) => {
  throw new Error(`npm package libpg-query has changed: ${what}`)
}

const letters = {}
for (const [, name, letter] of loader.matchAll(/(\w+)=(?:Module\["\w+"\]=)?wasmExports\["(\w+)"\]/g)) letters[name] = letter
letters.constructors = /wasmExports\["(\w+)"\]\(\)/.exec(loader)?.[1]
const ours = {
  _malloc: 'malloc', _free: 'free', _wasm_parse_query_raw: 'parse', _wasm_free_parse_result: 'free_result',
  _setThrew: 'set_threw', __emscripten_stack_restore: 'stack_restore', wasmTable: 'table', wasmMemory: 'memory',
  _emscripten_stack_get_current: 'stack_current', constructors: 'run_constructors',
}
const names = []
for (const [name, readable] of Object.entries(ours))
  names.push(`#define pgparser_${readable} Z_pgparserZ_${letters[name] ?? stop(`no export ${name}`)}`)

const imports = /var wasmImports=\{([^}]*)\}/.exec(loader)?.[1] ?? stop('no list of imports')
for (const [, letter, name] of imports.matchAll(/(\w+):_*(\w+)/g)) {
  if (!header.includes(` Z_aZ_${letter}(`)) stop(`no import ${letter}`)
  names.push(`#define pgparser_on_${name} pgparser_host_aZ_${letter}`)
}

// Every module whose imports are called "a" defines the same symbols: two such modules in one program would collide.
const rename = (text) => text.replace(/\bZ_a(?=Z_|_instance_t)/g, 'pgparser_host_a')
writeFileSync(`${output}.h`, rename(header))
writeFileSync(`${output}.c`, rename(source))
writeFileSync(`${output}_names.h`, `#pragma once\n${names.join('\n')}\n`)
