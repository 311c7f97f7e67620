// Where we are: the path says which page and table, history.state which filters. Values of rows do not stand in the
// address, since addresses are kept by browsers.
import { useSyncExternalStore } from 'react';
import type { Filter } from './api';

export interface Place {
  path: string;
  filters?: Filter[];
}

const listeners = new Set<() => void>();
let place: Place = read();

function read(): Place {
  return { path: location.pathname, filters: history.state?.filters };
}
function changed() {
  place = read();
  for (const listener of listeners) listener();
}
window.addEventListener('popstate', changed);

// Asked before the page is left; false stays.
let mayLeave: () => boolean = () => true;
export function guardLeaving(ask: (() => boolean) | null) {
  mayLeave = ask ?? (() => true);
}

export function go(path: string, filters?: Filter[]) {
  if (!mayLeave()) return;
  history.pushState(filters ? { filters } : null, '', path);
  changed();
}
export function usePlace(): Place {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => place,
  );
}

// A browser takes the names . and .. for steps in the path, also with escapes: they get a colon.
const segment = (name: string) => encodeURIComponent(/^:*\.{1,2}$/.test(name) ? `:${name}` : name);
export const tablePath = (schema: string, name: string) => `/tables/${segment(schema)}/${segment(name)}`;
export const tableOf = (path: string) =>
  path
    .split('/')
    .slice(2, 4)
    .map((each) => decodeURIComponent(each).replace(/^:(?=:*\.{1,2}$)/, ''));
