import { createSecureContext } from 'node:tls';
import { Worker, isMainThread } from 'node:worker_threads';
import * as dns from 'node:dns';
import zlib from 'node:zlib';

const context = createSecureContext({ minVersion: 'TLSv1.2' });
dns.setDefaultResultOrder('ipv4first');
export const version = `v${[zlib.constants.BROTLI_PARAM_QUALITY, context].length}`;
export class Pool {
  worker = isMainThread ? new Worker('setTimeout(() => process.exit(), 1)', { eval: true }) : null;
}
