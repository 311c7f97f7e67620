import { is } from 'drizzle-orm';
import * as pg from 'drizzle-orm/pg-core';
import { type Any, type Context } from './context';

const { PgRole } = pg as Any;

function roleNames(to: Any): string[] {
  if (!to) return ['public'];
  const names: string[] = [];
  for (const role of Array.isArray(to) ? to : [to]) {
    if (typeof role === 'string') names.push(role);
    else if (PgRole !== undefined && is(role, PgRole)) names.push((role as Any).name);
  }
  return names.sort();
}

export function readPolicy(context: Context, policy: Any) {
  return {
    name: policy.name,
    as: policy.as?.toUpperCase() ?? 'PERMISSIVE',
    for: policy.for?.toUpperCase() ?? 'ALL',
    to: roleNames(policy.to),
    using: context.sqlOrUndefined(policy.using),
    withCheck: context.sqlOrUndefined(policy.withCheck),
  };
}
