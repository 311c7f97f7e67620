// What does review miss, and where does it cry wolf? The statements of tests/data/locks.txt, whose locks and scans were
// measured on real servers, judged by Sluice (with and without the schema) and by the linters of the field on the same
// text. And how fast each reads a long file.
//
//   node bench/review.mjs [--server 17] [--linters DIR]
//
// A statement is dangerous if it was measured to keep writers waiting for a time that grows with a table: a scan, rewrite or
// index build under SHARE or more. --linters names a folder whose node_modules have squawk-cli, @flvmnt/pgfence and
// @postgrestools/postgrestools; without it they are installed into build/linters.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const argument = (name, otherwise) => {
  const at = process.argv.indexOf(name)
  return at < 0 ? otherwise : process.argv[at + 1]
}
const version = Number(argument('--server', '17'))
const sluice = process.env.SLUICE ?? [join(root, 'build/release/sluice'), join(root, 'build/dev/sluice')].find(existsSync)
const linters = argument('--linters', join(root, 'build/linters'))
if (!existsSync(join(linters, 'node_modules'))) {
  mkdirSync(linters, { recursive: true })
  writeFileSync(join(linters, 'package.json'), '{"private":true}')
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', 'squawk-cli@2.66.0', '@flvmnt/pgfence@0.1.5',
    '@postgrestools/postgrestools@0.25.7'], { cwd: linters, stdio: 'inherit' })
}
const bin = (name) => join(linters, 'node_modules/.bin', name)
const work = mkdtempSync(join(tmpdir(), 'sluice-bench-review-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))

// ---- the cases ------------------------------------------------------------------------------------------------------
const cases = []
for (const line of readFileSync(join(root, 'tests/data/locks.txt'), 'utf8').split('\n')) {
  if (!line || line.startsWith('#')) continue
  const [name, versions, sql, outcome] = line.split(' | ')
  const [first, last = first] = versions.split('-').map(Number)
  if (version < first || version > last || outcome.startsWith('error')) continue
  if (/truncate/.test(sql)) continue // nothing is left to wait for
  const locks = {}
  const lists = {}
  for (const part of outcome.split('; ')) {
    const [title, ...names] = part.split(' ')
    if (['rewrite', 'rebuild', 'scan', 'new'].includes(title)) lists[title] = names
    else for (const item of part.split(' ')) locks[item.slice(0, item.lastIndexOf(':'))] = item.slice(item.lastIndexOf(':') + 1)
  }
  const waits = (relation) => ['S', 'SRX', 'X', 'AX'].includes(locks[relation])
  const dangerous = [...(lists.scan ?? []), ...(lists.rewrite ?? [])].some(waits)
  cases.push({ name, sql, dangerous })
}

// ---- the linters ----------------------------------------------------------------------------------------------------
// Rules that are about something else than waiting: names, style, timeouts, transactions, data loss, old code.
const other = new Set(`require-lock-timeout require-statement-timeout prefer-robust-stmts require-table-schema prefer-text-field
  prefer-bigint-over-int prefer-bigint-over-smallint prefer-identity prefer-timestamp-tz ban-char-field identifier-too-long
  ban-drop-column ban-drop-table ban-drop-database ban-truncate-cascade ban-drop-not-null renaming-column renaming-table
  adding-required-field transaction-nesting require-enum-value-ordering ban-concurrent-index-creation-in-transaction
  require-concurrent-index-deletion ban-uncommitted-transaction
  lint/safety/lockTimeoutWarning lint/safety/banDropColumn lint/safety/banDropTable lint/safety/banDropNotNull
  lint/safety/renamingColumn lint/safety/renamingTable lint/safety/preferTextField lint/safety/preferBigInt
  lint/safety/preferBigintOverInt lint/safety/preferBigintOverSmallint lint/safety/preferIdentity lint/safety/preferTimestamptz
  lint/safety/preferJsonb lint/safety/preferRobustStmts lint/safety/banCharField lint/safety/creatingEnum
  lint/safety/avoidAlterEnumAddValue lint/safety/banDropTrigger lint/safety/requireConcurrentIndexDeletion
  lint/safety/transactionNesting lint/safety/requireStatementTimeout lint/safety/requireIdleInTransactionTimeout
  lint/safety/addingRequiredField lint/safety/multipleAlterTable lint/safety/banTruncate lint/safety/banTruncateCascade
  drop-column drop-table rename-column rename-table drop-index-not-concurrent`.split(/\s+/))
const sluice_rules = /blocks|rewrite|rebuilds|validate-in-same|domain-constraint/
const run = (program, args) => spawnSync(program, args, { cwd: work, encoding: 'utf8', maxBuffer: 1 << 28 })

const tools = {
  'Sluice, with the schema': (file) => {
    const answer = JSON.parse(run(sluice, ['review', 'schema.sql', file, '--json', '--server', String(version)]).stdout)
    return answer.files.at(-1).findings.filter((f) => f.level === 'error' && sluice_rules.test(f.rule)).map((f) => f.rule)
  },
  'Sluice, without': (file) => {
    const answer = JSON.parse(run(sluice, ['review', file, '--json', '--server', String(version)]).stdout)
    return answer.files.at(-1).findings.filter((f) => f.level === 'error' && sluice_rules.test(f.rule)).map((f) => f.rule)
  },
  squawk: (file) =>
    JSON.parse(run(bin('squawk'), ['--reporter', 'Json', `--pg-version=${version}.0`, file]).stdout || '[]')
      .map((f) => f.rule_name).filter((rule) => !other.has(rule)),
  pgfence: (file) =>
    // It prints nothing for syntax that its parser does not know.
    JSON.parse(run(bin('pgfence'), ['analyze', file, '--output', 'json']).stdout || '{"results":[]}')
      .results.flatMap((r) => r.checks).filter((c) => !['SAFE', 'LOW'].includes(c.risk)).map((c) => c.ruleId)
      .filter((rule) => !other.has(rule)),
  postgrestools: (file) => {
    const text = run(bin('postgrestools'), ['check', '--reporter=github', file]).stdout
    return [...text.matchAll(/title=(lint\/safety\/\w+)/g)].map((m) => m[1]).filter((rule) => !other.has(rule))
  },
}
writeFileSync(join(work, 'postgrestools.jsonc'),
  '{"linter":{"enabled":true,"rules":{"recommended":true,"safety":{"all":true}}},"db":{"disableConnection":true}}')
writeFileSync(join(work, 'schema.sql'), readFileSync(join(root, 'tests/data/locks_schema.sql')))

console.log(`${cases.length} statements on PostgreSQL ${version}, ${cases.filter((c) => c.dangerous).length} of them dangerous\n`)
console.log('| | found | missed | false alarms | recall | precision |\n|---|---|---|---|---|---|')
const details = {}
for (const [name, ask] of Object.entries(tools)) {
  let found = 0, missed = [], alarms = []
  for (const item of cases) {
    const file = `${item.name}.sql`
    writeFileSync(join(work, file), `${item.sql};\n`)
    const fired = ask(file)
    if (item.dangerous && fired.length) found++
    else if (item.dangerous) missed.push(item.name)
    else if (fired.length) alarms.push(`${item.name} (${[...new Set(fired)].join(', ')})`)
  }
  const percent = (part, whole) => (whole ? `${Math.round((100 * part) / whole)} %` : '–')
  console.log(`| ${name} | ${found} | ${missed.length} | ${alarms.length} | ${percent(found, found + missed.length)} | ${percent(found, found + alarms.length)} |`)
  details[name] = { missed, alarms }
}
for (const [name, { missed, alarms }] of Object.entries(details)) {
  if (!name.startsWith('Sluice')) continue
  console.log(`\n${name}: missed ${missed.join(', ') || 'nothing'}; false alarms: ${alarms.join(', ') || 'none'}`)
}

// ---- speed ----------------------------------------------------------------------------------------------------------
const lines = []
for (let i = 0; lines.join('').length < 1e6; i++) {
  lines.push(`CREATE TABLE t${i} (id bigint PRIMARY KEY, name text NOT NULL, created_at timestamptz DEFAULT now(), other bigint);\n`,
    `ALTER TABLE t${i} ADD COLUMN c${i} integer DEFAULT 5 NOT NULL;\n`, `CREATE INDEX t${i}_name_idx ON t${i} (name);\n`)
  if (i > 8000) break
}
writeFileSync(join(work, 'long.sql'), lines.join(''))
const size = lines.join('').length / 1e6
console.log(`\n${size.toFixed(1)} MB of SQL, best of 5:\n\n| | seconds | MB/s |\n|---|---|---|`)
for (const [name, program, args] of [['Sluice', sluice, ['review', 'long.sql', '--json']], ['squawk', bin('squawk'), ['--reporter', 'Json', 'long.sql']]]) {
  let best = Infinity
  for (let i = 0; i < 5; i++) {
    const before = process.hrtime.bigint()
    run(program, args)
    best = Math.min(best, Number(process.hrtime.bigint() - before) / 1e9)
  }
  console.log(`| ${name} | ${best.toFixed(2)} | ${(size / best).toFixed(1)} |`)
}
