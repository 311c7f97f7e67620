// Finds out what is wrong with a table and where. Slow work is done only when something is.
import { getTableName } from 'drizzle-orm';
import { type Any, type Context, type Problem } from './context';

export interface Place {
  file: number;
  name: string; // of the export
}

interface Miss {
  table: Any;
  key: string;
  stack: string;
}

const tableSymbol = (name: string) => Symbol.for(`drizzle:${name}`);

export class Doctor {
  private readonly places = new Map<Any, Place>();
  private readonly reported = new Set<string>();

  constructor(private readonly context: Context) {}

  remember(value: Any, place: Place) {
    if (!this.places.has(value)) this.places.set(value, place);
  }

  placeOf(value: Any): Place | undefined {
    return this.places.get(value);
  }

  at(table: Any, search: string[]): Pick<Problem, 'file' | 'search'> {
    const place = this.places.get(table);
    return { file: place?.file, search: place ? [...search, place.name] : search };
  }

  duplicate(table: Any, kind: string, name: string, columns?: string[], others?: string[]) {
    const on = columns && others ? `, on (${others.join(', ')}) and on (${columns.join(', ')})` : '';
    this.context.error({
      code: `duplicate-${kind.replaceAll(' ', '-')}`,
      message: `table "${getTableName(table)}" has two of ${kind} "${name}"${on}`,
      hint: 'rename one of them',
      ...this.at(table, [`"${name}"`, `'${name}'`]),
    });
  }

  duplicateColumn(table: Any, name: string) {
    const keys = Object.entries(table[tableSymbol('Columns')] as Any)
      .filter(([, column]) => this.context.name(column) === name)
      .map(([key]) => key);
    this.context.error({
      code: 'duplicate-column',
      message: `table "${getTableName(table)}" has two columns named "${name}": ${keys.join(' and ')}`,
      hint: 'rename one of them',
      ...this.at(table, [`${keys.at(-1)}:`, `${keys.at(-1)} :`]),
    });
  }

  sameColumn(table: Any, one: string, other: string) {
    this.context.error({
      code: 'same-name',
      message: `columns "${one}" and "${other}" of table "${getTableName(table)}" have one name to PostgreSQL, which keeps 63 bytes of it`,
      hint: 'shorten one of the names',
      ...this.at(table, [`"${other}"`, `'${other}'`, `${other}:`]),
    });
  }

  // A foreign key to a table that will not be there. Tables of schemas that are not managed here are expected: auth.users
  // of Supabase is one.
  unknownTarget(table: Any, column: string, target: Any) {
    const name = getTableName(target);
    this.context.warning({
      code: 'foreign-key-to-unknown-table',
      message: `column "${column}" of table "${getTableName(table)}" refers to table "${name}", which no schema file exports`,
      hint: 'export the table, or make sure that it exists in the database',
      ...this.at(table, [`.references(() => ${name}.`, '.references(', 'foreignKey(']),
    });
  }

  unnamedIndex(table: Any, expression: string) {
    this.context.error({
      code: 'index-without-name',
      message: `an index on the expression ${expression} of table "${getTableName(table)}" has no name`,
      hint: 'give it one: index("name").on(...)',
      ...this.at(table, ['index()', 'uniqueIndex()']),
    });
  }

  // The two sides of a foreign key, or nothing after having reported what is wrong with it.
  reference(table: Any, key: Any): Any {
    let failure: Any;
    try {
      const reference = key.reference();
      if (complete(reference.columns) && complete(reference.foreignColumns)) return reference;
    } catch (error) {
      failure = error;
    }

    const misses = this.watch(table, () => key.reference());
    if (misses.length > 0) {
      for (const miss of misses) this.missing(table, miss);
      return undefined;
    }
    this.context.error({
      code: 'broken-foreign-key',
      message: `a foreign key of table "${getTableName(table)}" refers to something that is not a column` +
        (failure ? ` (${failure.message})` : ''),
      hint: 'the referenced table may be undefined because two files import each other: put the reference in a function, `() => users.id`',
      stack: failure?.stack,
      ...this.at(table, ['references(', 'foreignKey(']),
    });
    return undefined;
  }

  columnsExist(table: Any, columns: Any[], kind: string, name?: string): boolean {
    if (complete(columns)) return true;
    const misses = this.watch(table, () => {});
    if (misses.length > 0) {
      for (const miss of misses) this.missing(table, miss);
    } else {
      this.context.error({
        code: 'unknown-column',
        message: `${kind}${name ? ` "${name}"` : ''} of table "${getTableName(table)}" names a column that does not exist`,
        ...this.at(table, name ? [`"${name}"`, `'${name}'`] : []),
      });
    }
    return false;
  }

  // Does the work again, and the table's own callback, with every table telling which of its properties were asked for
  // in vain.
  private watch(table: Any, work: () => void): Miss[] {
    const misses: Miss[] = [];
    const prototypes = new Map<Any, Any>();
    const miss = (owner: Any, key: string) => {
      if (!misses.some((other) => other.table === owner && other.key === key)) {
        misses.push({ table: owner, key, stack: String(new Error().stack) });
      }
    };
    const watcher = (owner: Any, target: Any) => new Proxy(target, {
      get(object, key, receiver) {
        if (typeof key === 'string' && !(key in object) && key !== 'then' && key !== 'toJSON') miss(owner, key);
        return Reflect.get(object, key, receiver);
      },
    });
    try {
      for (const known of this.places.keys()) {
        if (typeof known !== 'object' || known[tableSymbol('Columns')] === undefined) continue;
        const prototype = Object.getPrototypeOf(known);
        prototypes.set(known, prototype);
        Object.setPrototypeOf(known, watcher(known, prototype));
      }
      const extra = table[tableSymbol('ExtraConfigBuilder')];
      for (const attempt of [() => extra?.(watcher(table, table[tableSymbol('ExtraConfigColumns')])), work]) {
        try {
          attempt();
        } catch {
          // what it could not do is told by the misses
        }
      }
    } finally {
      for (const [known, prototype] of prototypes) Object.setPrototypeOf(known, prototype);
    }
    return misses;
  }

  private missing(table: Any, miss: Miss) {
    const owner = getTableName(miss.table);
    const place = `${owner}.${miss.key} ${/schema\.js:\d+:\d+/.exec(miss.stack)?.[0]}`;
    if (this.reported.has(place)) return;
    this.reported.add(place);
    const columns = Object.keys(miss.table[tableSymbol('Columns')]);
    const exportName = this.places.get(miss.table)?.name ?? owner;
    this.context.error({
      code: 'unknown-column',
      message: miss.table === table
        ? `table "${owner}" has no column ${miss.key}, which its own constraints or indexes use`
        : `table "${getTableName(table)}" refers to ${exportName}.${miss.key}, but table "${owner}" has no such column`,
      hint: closest(miss.key, columns),
      stack: miss.stack,
      ...this.at(table, [`${exportName}.${miss.key}`, `.${miss.key}`]),
    });
  }

  // The configuration of a table; if its callback fails because of a column that does not exist, says so.
  config(table: Any, read: (table: Any) => Any): Any {
    try {
      return read(table);
    } catch (error) {
      const misses = this.watch(table, () => {});
      for (const miss of misses) this.missing(table, miss);
      if (misses.length === 0) throw error;
      return undefined;
    }
  }
}

function complete(columns: Any): boolean {
  if (!Array.isArray(columns) || columns.length === 0) return false;
  for (const column of columns) if (!column?.name) return false;
  return true;
}

// "did you mean", or the list of what there is.
function closest(wanted: string, names: string[]): string {
  const distance = (a: string, b: string): number => {
    let row = Array.from({ length: b.length + 1 }, (_, i) => i);
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) {
        next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
      }
      row = next;
    }
    return row[b.length];
  };
  const best = names.map((name) => ({ name, d: distance(wanted.toLowerCase(), name.toLowerCase()) })).sort((a, b) => a.d - b.d)[0];
  if (best && best.d <= Math.max(1, Math.floor(wanted.length / 3))) return `did you mean "${best.name}"?`;
  return `its columns are ${names.join(', ')}`;
}

