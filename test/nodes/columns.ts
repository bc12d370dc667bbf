// What the version before would miss of a database's columns after a migration. For tests only.

import type pg from 'pg';

export type Columns = ReadonlyMap<string, { type: string; isRequired: boolean }>;

/** All columns of the tables, by `table.column`; required is what an insert must name. */
export async function columnsOf(client: pg.Client): Promise<Columns> {
  const { rows } = await client.query(`
    select table_name || '.' || column_name as name, data_type as type,
      is_nullable = 'NO' and column_default is null as required
    from information_schema.columns where table_schema = 'public'`);
  return new Map(rows.map(({ name, type, required }) => [name, { type, isRequired: required }]));
}

/** What is gone, of another type, or required without having been; new tables are nobody's loss. */
export function changesOf(before: Columns, after: Columns): string[] {
  const tables = new Set([...before.keys()].map(tableOf));
  const lost = [...before].flatMap(([name, { type, isRequired }]) => {
    const now = after.get(name);
    if (now === undefined) return [`${name} is gone`];
    if (now.type !== type) return [`${name} is of another type`];
    return now.isRequired && !isRequired ? [`${name} is required`] : [];
  });
  const demanded = [...after].filter(
    ([name, { isRequired }]) => isRequired && !before.has(name) && tables.has(tableOf(name)),
  );
  return [...lost, ...demanded.map(([name]) => `${name} is new and required`)];
}

function tableOf(name: string): string {
  return name.slice(0, name.indexOf('.'));
}
