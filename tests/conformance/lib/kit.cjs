// drizzle-kit 0.31.11 in this process: schema files to snapshots, snapshots to statements. Its questions about renames
// are answered from a list instead of a terminal; nothing else of it is changed.
const fs = require('node:fs');
const Module = require('node:module');

const file = require.resolve('drizzle-kit/api');
const source = fs.readFileSync(file, 'utf8');
const patched = source.replace(
  /\(0, import_hanji2\.render\)\(\s*new (Resolve\w+)\(([^)]*)\)\s*\)/g,
  'globalThis.answerDrizzleKit([$2])',
);
if (patched === source) throw new Error('drizzle-kit asks its questions in another way than expected');
const loaded = new Module(file, module);
loaded.filename = file;
loaded.paths = Module._nodeModulePaths(file);
loaded._compile(patched, file);
const { generateDrizzleJson, generateMigration } = loaded.exports;

// `renames`: "users.name=users.full_name", "users=accounts"; the last parts of the names decide.
async function statements(before, after, renames = []) {
  const wanted = renames.map((text) => text.split('=').map((name) => name.split('.').at(-1)));
  globalThis.answerDrizzleKit = async (given) => {
    const choices = given.find(Array.isArray);
    const rename = choices.find(
      (choice) => choice.from && wanted.some(([from, to]) => choice.from.name === from && choice.to.name === to),
    );
    return { status: 'submitted', data: rename ?? choices[0] };
  };
  const { log, error } = console;
  console.log = () => {};
  try {
    return await generateMigration(before, after);
  } finally {
    Object.assign(console, { log, error });
  }
}

// As `drizzle-kit generate` writes it to a file, where `_meta` has its keys in another order than here.
function snapshot(exports, casing) {
  const { _meta, ...rest } = JSON.parse(JSON.stringify(generateDrizzleJson(exports, undefined, undefined, casing)));
  return { ...rest, _meta: { columns: {}, schemas: {}, tables: {} } };
}

const empty = () => snapshot({});

module.exports = { snapshot, statements, empty };
