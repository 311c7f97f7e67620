// Helpers that a schema imports make formatters, buses and controllers for later while they load.
import { integer, pgTable, text } from 'drizzle-orm/pg-core';

const money = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });
const day = Intl.DateTimeFormat('de-DE', { dateStyle: 'medium' });
const byName = new Intl.Collator('sv').compare;
export const bus = new EventTarget();
bus.addEventListener('saved', () => {});
const stop = new AbortController();
stop.signal.addEventListener('abort', () => {}, { once: true });
class Upload extends Blob {
  size2() { return 2; }
}
const headers = new Headers({ accept: 'application/json' });
headers.set('x-app', 'shop');
const local = typeof navigator === 'undefined' && typeof window === 'undefined';
export const format = (amount: number, at: Date) => `${money.format(amount)} ${day.format(at)} ${byName('a', 'b')}`;
export const load = async () => (await fetch('https://example.com', { headers, signal: stop.signal })).json();

export const t = pgTable('t', { id: integer('id').default(new Upload([]).size2()), kind: text('kind').default(local ? 'server' : 'browser') });
