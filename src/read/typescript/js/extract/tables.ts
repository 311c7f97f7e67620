import { is, SQL } from 'drizzle-orm';
import * as pg from 'drizzle-orm/pg-core';
import { readColumn } from './columns';
import { type Any, clipped, type Context } from './context';
import { Doctor } from './doctor';
import { readPolicy } from './policies';

const { getTableConfig } = pg as Any;
const nameSymbol = Symbol.for('drizzle:Name'), schemaSymbol = Symbol.for('drizzle:Schema'), columnsSymbol = Symbol.for('drizzle:Columns');
export const nameOf = (table: Any): string => table[nameSymbol];
export const schemaOf = (table: Any): string | undefined => table[schemaSymbol];

const vectorOperators = 'vector_l2_ops, vector_ip_ops, vector_cosine_ops, vector_l1_ops, bit_hamming_ops, bit_jaccard_ops, halfvec_l2_ops, sparsevec_l2_ops';

// createdAt, created_at and CREATED_AT are one word.
const plainNames = new Map<string, string>();
function plain(name: string): string {
  let result = plainNames.get(name);
  if (result === undefined) plainNames.set(name, (result = name.replaceAll('_', '').toLowerCase()));
  return result;
}

const joined = (columns: Any[]): string =>
  columns.length === 1 ? columns[0].name : columns.map((column) => column.name).join('_');

// Reads tables one after another; knows which index names each schema has already.
export class Tables {
  // Columns that the program calls by another word: [schema, table, column, property].
  readonly properties: [string, string, string, string][] = [];
  private readonly indexNames = new Map<string, string>();
  // All foreign keys that were read, for what can be judged only when all tables are known.
  readonly references: { table: Any; column: string; target: Any }[] = [];

  constructor(
    private readonly context: Context,
    private readonly doctor: Doctor,
  ) {}

  read(table: Any) {
    const { context } = this;
    const config = this.doctor.config(table, getTableConfig);
    if (config === undefined) return undefined;
    const name: string = config.name;
    const schema: string = config.schema ?? 'public';
    const uniques: Any = {};
    const columns: Any = {};
    let longNames: Map<string, string> | undefined; // what PostgreSQL keeps of them, from the first long one on
    let i = 0;
    for (const word in table[columnsSymbol]) {
      const column = config.columns[i++];
      const columnName = context.name(column);
      if (word !== columnName && plain(word) !== plain(columnName)) this.properties.push([schema, name, columnName, word]);
      if (columns[columnName] !== undefined) this.doctor.duplicateColumn(table, columnName);
      const short = clipped(columnName);
      if (short !== columnName || longNames !== undefined) {
        longNames ??= new Map(Object.keys(columns).map((other) => [clipped(other), other]));
        const other = longNames.get(short);
        if (other !== undefined && other !== columnName) this.doctor.sameColumn(table, other, columnName);
        longNames.set(short, columnName);
      }
      columns[columnName] = readColumn(context, column, columnName, name, schema);
      if (column.isUnique) {
        this.addUnique(table, uniques, column.uniqueName ?? `${name}_${column.name}_unique`, {
          nullsNotDistinct: column.uniqueType === 'not distinct',
          columns: [columnName],
        });
      }
    }
    return {
      name,
      schema: config.schema ?? '',
      columns,
      ...this.constraints(table, config, uniques),
      isRLSEnabled: config.enableRLS ?? false,  // not said before 0.36
    };
  }

  private constraints(table: Any, config: Any, uniques: Any) {
    const primaryKeys = this.primaryKeys(table, config);
    this.uniques(table, config, uniques);
    const foreignKeys = this.foreignKeys(table, config);
    const indexes = this.indexes(table, config);
    const policies = this.policies(table, config);
    const checks = this.checks(table, config);
    return {
      indexes,
      foreignKeys,
      compositePrimaryKeys: primaryKeys,
      uniqueConstraints: uniques,
      policies,
      checkConstraints: checks,
    };
  }

  private primaryKeys(table: Any, config: Any) {
    const result: Any = {};
    for (const key of config.primaryKeys) {
      if (!this.doctor.columnsExist(table, key.columns, 'primary key', key.name)) continue;
      const composed = key.name ?? `${config.name}_${joined(key.columns)}_pk`;
      const name = this.context.renamed(composed, key.columns);
      result[name] = { name, columns: key.columns.map((column: Any) => this.context.name(column)) };
    }
    return result;
  }

  private addUnique(table: Any, uniques: Any, name: string, rest: { nullsNotDistinct: boolean; columns: string[] }) {
    if (uniques[name] !== undefined) {
      this.doctor.duplicate(table, 'unique constraint', name, rest.columns, uniques[name].columns);
      return;
    }
    uniques[name] = { name, ...rest };
  }

  private uniques(table: Any, config: Any, uniques: Any) {
    for (const unique of config.uniqueConstraints ?? []) {
      if (!this.doctor.columnsExist(table, unique.columns, 'unique constraint', unique.name)) continue;
      const columns = unique.columns.map((column: Any) => this.context.name(column));
      const name = unique.name ?? `${config.name}_${columns.join('_')}_unique`;
      this.addUnique(table, uniques, name, { nullsNotDistinct: unique.nullsNotDistinct, columns });
    }
  }

  private foreignKeys(table: Any, config: Any) {
    const { context } = this;
    const result: Any = {};
    for (const key of config.foreignKeys) {
      const reference = this.doctor.reference(table, key);
      if (reference === undefined) continue;
      const { columns, foreignColumns, foreignTable } = reference;
      const composed: string = reference.name ??
        `${config.name}_${joined(columns)}_${nameOf(foreignTable)}_${joined(foreignColumns)}_fk`;
      const name = context.renamed(context.renamed(composed, columns), foreignColumns);
      this.references.push({ table, column: context.name(columns[0]), target: foreignTable });
      result[name] = {
        name,
        tableFrom: config.name,
        tableTo: nameOf(foreignTable),
        schemaTo: schemaOf(foreignTable),
        columnsFrom: columns.map((column: Any) => context.name(column)),
        columnsTo: foreignColumns.map((column: Any) => context.name(column)),
        onDelete: key.onDelete,
        onUpdate: key.onUpdate,
      };
    }
    return result;
  }

  private indexes(table: Any, config: Any) {
    const result: Any = {};
    for (const { config: index } of config.indexes) {
      if (!index.name && index.columns.some((column: Any) => is(column, SQL))) {
        this.doctor.unnamedIndex(table, this.context.sql(index.columns.find((column: Any) => is(column, SQL)), 'indexes'));
        continue;
      }
      const name = index.name || `${config.name}_${index.columns.map((c: Any) => this.context.name(c)).join('_')}_index`;
      if (!this.claimIndexName(table, config, name)) continue;
      result[name] = {
        name,
        columns: index.columns.map((column: Any) => this.indexColumn(table, name, column)),
        isUnique: index.unique ?? false,
        where: index.where ? this.context.sql(index.where) : undefined,
        concurrently: index.concurrently ?? false,
        method: index.method ?? 'btree',
        with: index.with ?? {},
      };
    }
    return result;
  }

  private indexColumn(table: Any, index: string, column: Any) {
    if (is(column, SQL)) {
      return { expression: this.context.sql(column, 'indexes'), asc: true, isExpression: true, nulls: 'last' };
    }
    const options = column.indexConfig;
    if (column.type === 'PgVector' && options?.opClass === undefined) {
      this.context.error({
        code: 'vector-index-without-operator-class',
        message: `index "${index}" on column "${this.context.name(column)}" of table "${nameOf(table)}" needs an operator class: the type vector has no default one`,
        hint: `write table.${column.name}.op("vector_l2_ops"); available: ${vectorOperators}`,
        ...this.doctor.at(table, [`"${index}"`, `'${index}'`]),
      });
    }
    return {
      expression: this.context.name(column),
      isExpression: false,
      asc: (options?.order ?? 'asc') === 'asc',  // no options before 0.31
      nulls: options?.nulls || (options?.order === 'desc' ? 'first' : 'last'),
      opclass: options?.opClass,
    };
  }

  // Index names are unique in a schema, not in a table.
  private claimIndexName(table: Any, config: Any, name: string): boolean {
    const key = `${config.schema ?? 'public'}.${name}`;
    const other = this.indexNames.get(key);
    if (other === undefined) {
      this.indexNames.set(key, config.name);
      return true;
    }
    this.context.error({
      code: 'duplicate-index',
      message: `two indexes in schema "${config.schema ?? 'public'}" have the name "${name}": on table "${other}" and on table "${config.name}"`,
      hint: 'rename one of them',
      ...this.doctor.at(table, [`"${name}"`, `'${name}'`]),
    });
    return false;
  }

  private policies(table: Any, config: Any) {
    const result: Any = {};
    for (const policy of config.policies ?? []) {
      if (result[policy.name] !== undefined) {
        this.doctor.duplicate(table, 'policy', policy.name);
        continue;
      }
      result[policy.name] = readPolicy(this.context, policy);
    }
    return result;
  }

  private checks(table: Any, config: Any) {
    const result: Any = {};
    for (const check of config.checks) {
      if (result[check.name] !== undefined) {
        this.doctor.duplicate(table, 'check constraint', check.name);
        continue;
      }
      result[check.name] = { name: check.name, value: this.context.sql(check.value) };
    }
    return result;
  }
}

