#!/usr/bin/env node
// pg_dump 18 from npm, for any server: Debian 12 has 15's alone, which refuses newer ones. It is PostgreSQL's own,
// compiled to WebAssembly for PGlite: whatever it sends to "PGlite" goes to the server's socket instead.
//
//   node tests/sql/pg_dump.mjs URL [FLAGS OF pg_dump]
import buffer from 'node:buffer';
import net from 'node:net';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

if (isMainThread) {
  const [url, ...flags] = process.argv.slice(2);
  globalThis.File ??= buffer.File; // not global before Node 20
  const { pgDump } = await import('@electric-sql/pglite-tools/pg_dump');
  const { hostname, port, username, password, pathname } = new URL(url);
  // pg_dump waits for answers where it stands, so the socket belongs to another thread: `turn` is 1 while that one has
  // to answer what stands in `bytes`.
  const turn = new Int32Array(new SharedArrayBuffer(8)), bytes = new Uint8Array(new SharedArrayBuffer(64 << 20));
  const worker = new Worker(new URL(import.meta.url), { workerData: { turn, bytes, hostname, port: Number(port || 5432) } });
  const ask = (message) => {
    bytes.set(message);
    turn[1] = message.length;
    Atomics.store(turn, 0, 1);
    Atomics.notify(turn, 0);
    Atomics.wait(turn, 0, 1);
    return bytes.slice(0, turn[1]);
  };
  const server = {
    execProtocolRawStream: (message, { onRawData }) => onRawData(ask(message)),
    query: async () => ({ rows: [{ search_path: '' }] }),
    exec: async () => {},
  };
  const connection = Object.entries({ dbname: decodeURIComponent(pathname.slice(1)), user: username, password })
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}='${value}'`)
    .join(' ');
  try {
    process.stdout.write(await (await pgDump({ pg: server, args: [...flags, '-d', connection] })).text());
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
  await worker.terminate();
} else {
  const { turn, bytes, hostname, port } = workerData;
  const socket = net.connect(port, hostname);
  let started = false, asked = Buffer.alloc(0), answer = Buffer.alloc(0), open = true;
  let wake = () => {};
  socket.on('data', (data) => {
    answer = Buffer.concat([answer, data]);
    wake();
  });
  for (const event of ['error', 'close'])
    socket.on(event, () => {
      open = false;
      wake();
    });
  const more = () => new Promise((resolve) => (wake = resolve));

  // The types of the whole messages in a buffer, and what is left of it.
  const frames = (buffer) => {
    const types = [];
    let at = 0;
    while (buffer.length >= at + 5 && buffer.length >= at + 1 + buffer.readUInt32BE(at + 1)) {
      types.push({ type: String.fromCharCode(buffer[at]), body: at + 5 });
      at += 1 + buffer.readUInt32BE(at + 1);
    }
    return { types, rest: buffer.subarray(at) };
  };
  const wantsAnswer = () => {
    if (!started) {
      if (asked.length < 4 || asked.length < asked.readUInt32BE(0)) return false;
      started = true;
      asked = asked.subarray(asked.readUInt32BE(0));
      return true;
    }
    const { types, rest } = frames(asked);
    asked = rest;
    return types.some(({ type }) => 'QSp'.includes(type));
  };
  // Complete: the server is ready for a query, or wants more of the password.
  const complete = () => {
    const { types, rest } = frames(answer), last = types.at(-1);
    return last && !rest.length && (last.type === 'Z' || (last.type === 'R' && ![0, 12].includes(answer.readUInt32BE(last.body))));
  };
  for (;;) {
    Atomics.wait(turn, 0, 0);
    const message = Buffer.from(bytes.slice(0, turn[1]));
    asked = Buffer.concat([asked, message]);
    socket.write(message);
    if (wantsAnswer()) while (open && !complete()) await more();
    bytes.set(answer);
    turn[1] = answer.length;
    answer = Buffer.alloc(0);
    Atomics.store(turn, 0, 0);
    Atomics.notify(turn, 0);
  }
}
