// What a span says of a statement: what it does, and to which table. Never its text or its values.

import type { Attributes } from '../http/tracing/tracer.ts';

export interface StatementName {
  name: string;
  attributes: Attributes;
}

/** Statements of different shapes; there are some hundreds, and more where lists differ in length. */
const most = 2000;

/** `SELECT api_tokens` and its attributes (semantic conventions for databases), remembered by the statement's text. */
export function statementNames(system: 'sqlite' | 'postgresql'): (sql: string) => StatementName {
  const known = new Map<string, StatementName>();
  return (sql) => {
    const named = known.get(sql) ?? nameOf(sql, system);
    if (known.size < most) known.set(sql, named);
    return named;
  };
}

function nameOf(sql: string, system: string): StatementName {
  const [, word = ''] =
    /^\s*(?:with\b.*?\)\s*)?(select|insert|update|delete|begin|commit|rollback|savepoint|release|show)\b/is.exec(sql) ??
    [];
  const operation = word === '' ? 'STATEMENT' : word.toUpperCase();
  const [, table] = /\b(?:from|into|update)\s+"(\w+)"/i.exec(sql) ?? [];
  return {
    name: table === undefined ? operation : `${operation} ${table}`,
    attributes: {
      'db.system.name': system,
      'db.operation.name': operation,
      ...(table !== undefined && { 'db.collection.name': table }),
    },
  };
}
