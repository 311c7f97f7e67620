// Gives the minified names of the translated QuickJS module readable ones, and its imports a prefix of their own.
//
//   node translate.mjs <dist folder of the npm package> <wasm2c output without suffix> <prefix>
//
// The names of exports change with every release of the package; the package's own loader knows them. The build stops
// here if the loader or the list of imports is not what src/read/typescript/engine_host.cpp was written for.
//
// Loads and stores lose their bounds checks: see src/read/typescript/engine_memory.hpp for why none are needed.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [dist, output, prefix] = process.argv.slice(2);
const loader = readFileSync(join(dist, 'emscripten-module.cjs'), 'utf8');
const header = readFileSync(`${output}.h`, 'utf8');
const source = readFileSync(`${output}.c`, 'utf8');

const stop = (what) => {
  throw new Error(`@jitl/quickjs-ng-wasmfile-release-sync has changed: ${what}`);
};

const function_of_export = {};
for (const [, name, symbol] of header.matchAll(/\/\* export: '([^']*)' \*\/\n[\w ]+?\*? ?(\w+)\(/g)) {
  function_of_export[name] = symbol;
}

const defines = [];
for (const [, name, exported] of loader.matchAll(/c\._(\w+)=b\.([\w$]+)/g)) {
  const symbol = function_of_export[exported];
  if (symbol) defines.push(`#define ${name.startsWith('QTS_') ? '' : 'QTS_'}${name} ${symbol}`);
}
const constructors = /!0;Z\.(\w+)\(\);/.exec(loader)?.[1];
if (!constructors || !function_of_export[constructors]) stop('static constructors not found');
defines.push(`#define QTS_run_constructors ${function_of_export[constructors]}`);

const needed = ['QTS_Eval', 'QTS_NewRuntime', 'QTS_NewContext', 'QTS_malloc', 'QTS_free', 'QTS_GetString', 'QTS_Dump',
  'QTS_ResolveException', 'QTS_ExecutePendingJob', 'QTS_IsJobPending', 'QTS_RuntimeEnableInterruptHandler',
  'QTS_FreeValuePointer', 'QTS_FreeCString', 'QTS_RuntimeSetMaxStackSize'];
for (const name of needed) {
  if (!defines.some((line) => line.startsWith(`#define ${name} `))) stop(`no export ${name}`);
}

const imports = [...header.matchAll(/\/\* import: 'a' '(\w+)' \*\//g)].map((match) => match[1]).join('');
if (imports !== 'abcdefghijklmnopqrstu') stop(`imports are ${imports}`);

// What instantiation writes stands within the part of the memory that images keep whole: memory_image.cpp.
const data_end = Math.max(...[...source.matchAll(/LOAD_DATA\(\S+ (\d+)u, \w+, (\d+)\)/g)].map(([, at, size]) => +at + +size));
if (!(data_end > 0 && data_end <= 1 << 18)) stop(`its data ends at ${data_end}`);

// On x86-64 the segment register gs holds the start of the memory, so that no register and no load is spent on it.
function unchecked(text) {
  const plain = /#define DEFINE_LOAD\(name, t1, t2, t3\)(?:.*\\\n)+?.*wasm_rt_memcpy\(&result, &mem->data\[addr\]/g;
  const begin = Math.max(...[...text.matchAll(plain)].map((match) => match[0].lastIndexOf('#define') + match.index));
  const end = text.indexOf('#endif\n\nDEFINE_LOAD(');
  if (!(begin > 0 && end > begin)) stop('wasm2c writes loads and stores in another way');
  return `${text.slice(0, begin)}#if defined(__x86_64__) && defined(__SEG_GS)
#define CELL(mem, type, addr) (*(__seg_gs type*)(addr))
#else
#define CELL(mem, type, addr) (*(type*)((mem)->data + (addr)))
#endif
#define DEFINE_LOAD(name, t1, t2, t3)                            \\
  typedef t1 name##_cell __attribute__((aligned(1), may_alias)); \\
  static inline t3 name(wasm_rt_memory_t* mem, u64 addr) { return (t3)(t2)CELL(mem, name##_cell, addr); }
#define DEFINE_STORE(name, t1, t2)                               \\
  typedef t1 name##_cell __attribute__((aligned(1), may_alias)); \\
  static inline void name(wasm_rt_memory_t* mem, u64 addr, t2 value) { CELL(mem, name##_cell, addr) = (t1)value; }
${text.slice(end)}`;
}

// Every module whose imports are called "a" defines the same symbols: two such modules in one program would collide.
const rename = (text) => text.replace(/\bZ_a(?=Z_|_instance_t)/g, `${prefix}_a`);
writeFileSync(`${output}.h`, rename(header));
writeFileSync(`${output}.c`, rename(unchecked(source)));
writeFileSync(join(dirname(output), 'qjs_names.h'), `#pragma once\n${defines.join('\n')}\n`);
