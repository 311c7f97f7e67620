// Gives the minified names of the translated QuickJS module readable ones, and its imports a prefix of their own.
//
//   node translate.mjs <dist folder of the npm package> <wasm2c output without suffix> <prefix>
//
// The names of exports change with every release of the package; the package's own loader knows them. The build stops
// here if the loader or the list of imports is not what src/read/typescript/engine_host.cpp was written for.
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

// Every module whose imports are called "a" defines the same symbols: two such modules in one program would collide.
const rename = (text) => text.replace(/\bZ_a(?=Z_|_instance_t)/g, `${prefix}_a`);
writeFileSync(`${output}.h`, rename(header));
writeFileSync(`${output}.c`, rename(source));
writeFileSync(join(dirname(output), 'qjs_names.h'), `#pragma once\n${defines.join('\n')}\n`);
