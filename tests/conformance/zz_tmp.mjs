import fs from 'node:fs/promises'; import path from 'node:path'; import { createRequire } from 'node:module';
import { register } from 'tsx/cjs/api'; import { query, Server } from '../e2e/lib/server.mjs'; import { readPair } from './lib/pair.mjs';
const require = createRequire(import.meta.url); register(); const kit = require('./lib/kit.cjs');
const catalogSql = await fs.readFile(new URL('./lib/catalog.sql', import.meta.url),'utf8');
const server = await Server.start(); const top = await fs.mkdtemp('/tmp/te/kit-');
await fs.symlink('/work/main/tests/node_modules', top+'/node_modules');
for (const n of (await fs.readdir(new URL('./pairs/', import.meta.url))).sort()) {
  const pair = await readPair(new URL('./pairs/'+n, import.meta.url).pathname);
  try {
  await fs.writeFile(`${top}/${pair.name}-b.ts`, pair.before); await fs.writeFile(`${top}/${pair.name}-a.ts`, pair.after);
  const b = kit.snapshot(require(`${top}/${pair.name}-b.ts`), pair.casing), a = kit.snapshot(require(`${top}/${pair.name}-a.ts`), pair.casing);
  const s0 = await kit.statements(kit.empty(), b), s1 = await kit.statements(b, a, pair.renames), f = await kit.statements(kit.empty(), a);
  if (pair.statementsOnly) { console.log(pair.name, 'ok', s1); continue; }
  const d = await server.createDatabase(), e = await server.createDatabase(); let r='';
  try { if (pair.setup) {await query(d.url, pair.setup); await query(e.url, pair.setup);} for (const s of s0) await query(d.url, s); if (pair.rows) await query(d.url, pair.rows); 
   try { for (const s of s1) { try { await query(d.url, s) } catch (x) { r += `ALTER: ${x.message}: ${s}\n`; } } } catch (x) {}
   for (const s of f) await query(e.url, s); 
   const [x,y]=[(await query(d.url,catalogSql)).map(x=>x[0]), (await query(e.url,catalogSql)).map(x=>x[0])];
   for (const l of x) if(!y.includes(l)) r+=`  altered ${l}\n`; for (const l of y) if(!x.includes(l)) r+=`  fresh   ${l}\n`;
  } catch (x) { r += 'BEFORE/FRESH '+x.message; }
  await server.dropDatabase(d.name); await server.dropDatabase(e.name);
  console.log(pair.name, r ? '\n'+r : 'ok');
  } catch (x) { console.log(pair.name, 'KIT', x.stack); }
}
await server.stop();
