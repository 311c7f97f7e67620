// What others might try: pages of other sites, names of their own for this machine, programs of other users.
import assert from 'node:assert/strict';
import net from 'node:net';
import { request, sessionOf } from './setting.mjs';

const jsonType = { 'Content-Type': 'application/json' };

export function securityTests(test, setting) {
  const everything = { method: 'POST', path: '/api/sql', body: JSON.stringify({ sql: 'select 1' }) };

  test('without the cookie nothing is told', async ({ studio }) => {
    for (const path of ['/api/info', '/api/objects', '/api/export?table=customers', '/api/events', '/api/nothing']) {
      const answer = await request(studio.port, { path });
      assert.equal(answer.status, 401, path);
      assert.ok(!answer.text.includes('customers'));
    }
    assert.equal((await request(studio.port, { ...everything, headers: jsonType })).status, 401);
    const wrong = await request(studio.port, { ...everything, headers: { ...jsonType, Cookie: `sluice_studio_${studio.port}=${'0'.repeat(64)}` } });
    assert.equal(wrong.status, 401);
    const token = await request(studio.port, { method: 'POST', path: '/api/session', headers: jsonType, body: JSON.stringify({ token: 'x' }) });
    assert.equal(token.status, 401);
    assert.equal(token.headers['set-cookie'], undefined);
  });

  test('the cookie is out of reach of scripts and other sites', async ({ studio }) => {
    const answer = await request(studio.port, { method: 'POST', path: '/api/session', headers: jsonType, body: JSON.stringify({ token: studio.token }) });
    const cookie = answer.headers['set-cookie'][0];
    assert.match(cookie, /HttpOnly/);
    assert.match(cookie, /SameSite=Strict/);
    assert.ok(!cookie.includes(studio.token));
  });

  test('another Host is refused, with the cookie too (DNS rebinding)', async ({ studio }) => {
    const cookie = await sessionOf(studio);
    for (const host of ['evil.example', `evil.example:${studio.port}`, '127.0.0.1', `127.0.0.1:${studio.port + 1}`, `localhost.evil.example:${studio.port}`, ''])
      for (const path of ['/', '/api/info']) {
        const answer = await request(studio.port, { path, headers: { Host: host, Cookie: cookie } });
        assert.equal(answer.status, 403, `${host} ${path}`);
      }
    assert.equal((await request(studio.port, { path: '/api/info', headers: { Host: `localhost:${studio.port}`, Cookie: cookie } })).status, 200);
  });

  test('another origin is refused, with the cookie too', async ({ studio }) => {
    const cookie = await sessionOf(studio);
    for (const origin of ['http://evil.example', 'null', `http://127.0.0.1:${studio.port + 1}`, `https://127.0.0.1:${studio.port}`, `http://localhost:${studio.port}`]) {
      const answer = await request(studio.port, { ...everything, headers: { ...jsonType, Cookie: cookie, Origin: origin } });
      assert.equal(answer.status, 403, origin);
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
    }
    for (const site of ['cross-site', 'same-site', 'none'])
      assert.equal((await request(studio.port, { path: '/api/info', headers: { Cookie: cookie, 'Sec-Fetch-Site': site } })).status, 403, site);
    const own = await request(studio.port, { ...everything, headers: { ...jsonType, Cookie: cookie, Origin: `http://127.0.0.1:${studio.port}` } });
    assert.equal(own.status, 200);
  });

  test('what a form can send is refused', async ({ studio }) => {
    const cookie = await sessionOf(studio);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      assert.equal((await request(studio.port, { ...everything, headers: { 'Content-Type': type, Cookie: cookie } })).status, 415, type);
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'TRACE'])
      assert.equal((await request(studio.port, { method, path: '/api/info', headers: { Cookie: cookie } })).status, 403, method);
  });

  test('the page has a policy, and nothing secret', async ({ studio }) => {
    const page = await request(studio.port, {});
    const policy = page.headers['content-security-policy'];
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self';/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.ok(!policy.includes('unsafe'));
    assert.ok(!page.text.includes(studio.token));
    assert.equal(page.headers['x-content-type-options'], 'nosniff');
    assert.equal(page.headers['cache-control'], 'no-store');
    assert.ok(!/https?:\/\//.test(page.text), 'the page names another address');
    const info = await request(studio.port, { path: '/api/info', headers: { Cookie: await sessionOf(studio) } });
    assert.ok(!info.text.includes('postgres:postgres'), 'the password is told');
  });

  test('it listens on this machine only, and survives nonsense', async ({ studio }) => {
    for (const text of ['GET', 'GET / HTTP/2\r\n\r\n', '\r\n\r\n', 'GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n', `GET /${'a'.repeat(70_000)} HTTP/1.1\r\n\r\n`, '\x16\x03\x01\x02\x00'])
      await new Promise((resolve) => {
        const socket = net.connect(studio.port, '127.0.0.1', () => socket.end(text));
        socket.on('close', resolve).on('error', resolve).resume();
      });
    assert.equal((await request(studio.port, {})).status, 200);
    const [, listening] = await setting.workspace.run(`ss -Hltn 'sport = :${studio.port}' 2>/dev/null || true`).then(({ stdout }) => [0, stdout]);
    assert.ok(listening === '' || (listening.includes('127.0.0.1') && !listening.includes('0.0.0.0:' + studio.port)), listening);
  });

  test('a read-only studio changes nothing, whatever it is asked', async () => {
    const studio = await setting.studio('--read-only');
    const Cookie = await sessionOf(studio);
    const post = async (path, body) => (await request(studio.port, { method: 'POST', path, headers: { ...jsonType, Cookie }, body: JSON.stringify(body) })).json;
    for (const sql of [
      'delete from customers',
      'with gone as (delete from customers returning *) select * from gone',
      'set transaction read write; delete from customers',
      'commit; delete from customers',
      'begin read write; delete from customers; commit',
      "set default_transaction_read_only = off; delete from customers",
      "do $$ begin perform set_config('transaction_read_only', 'off', true); delete from customers; end $$",
      "select set_config('transaction_read_only', 'off', true)",
      "copy customers to '/tmp/sluice-studio-test'",
      'truncate customers cascade',
      "explain analyze delete from customers",
      "select nextval('customers_id_seq')",
    ])
      assert.ok((await post('/api/sql', { sql })).error, sql);
    assert.ok((await post('/api/explain', { sql: 'delete from customers', analyze: true })).error);
    const where = { schema: 'public', table: 'customers' };
    assert.ok((await post('/api/changes', { ...where, inserts: [{ set: { name: 'x', email: 'x' } }] })).error);
    assert.ok((await post('/api/migrations/apply', {})).error);
    assert.ok((await post('/api/migrations/rollback', { to: 'none' })).error);
    assert.ok((await post('/api/migrations/generate', {})).error);
    assert.deepEqual(await setting.sql('select count(*) from customers'), [['3']]);
    assert.equal((await post('/api/sql', { sql: 'select count(*) from customers' })).results[0].rows[0][0], '3');
    await studio.stop();
  });

  test('a protected database is read-only in a studio that is not', async ({ studio }) => {
    const Cookie = await sessionOf(studio);
    const post = async (path, body) => (await request(studio.port, { method: 'POST', path, headers: { ...jsonType, Cookie }, body: JSON.stringify({ database: 'production', ...body }) })).json;
    assert.ok((await post('/api/sql', { sql: 'create table x (a int)' })).error);
    assert.match((await post('/api/migrations/apply', {})).error.message, /protected/);
    assert.deepEqual(await setting.sql("select count(*) from pg_tables where schemaname = 'public'", setting.production), [['0']]);
  });
}
