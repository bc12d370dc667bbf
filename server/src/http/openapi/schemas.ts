// Schemas as the document has them: what has a name is written once, under components, and named wherever it stands.

/** JSON, as a document is made of it. */
export type Json = Readonly<Record<string, unknown>>;

export interface SchemaNames {
  /** The schema as it stands in the document. */
  shown(schema: unknown): unknown;
  /** Gives a schema a name from now on. */
  name(name: string, schema: object): void;
  /** An answer that many operations give, which is written once: the same ones share a name that begins so. */
  shared(prefix: string, answer: object): Json;
  /** All that were named, and used. */
  components(): { schemas: Json; responses: Json };
}

export function schemaNames(): SchemaNames {
  const names = new Map<unknown, string>();
  const used = new Map<string, unknown>();
  const answers = new Map<string, string>();
  const shown = (schema: unknown): unknown => {
    const name = names.get(schema);
    if (name === undefined) return inside(schema);
    if (!used.has(name)) {
      // Known before it is looked into, since it may hold itself.
      used.set(name, undefined);
      used.set(name, inside(schema));
    }
    return { $ref: `#/components/schemas/${name}` };
  };
  const inside = (schema: unknown): unknown => {
    if (Array.isArray(schema)) return schema.map(shown);
    if (typeof schema !== 'object' || schema === null) return schema;
    // OpenAPI 3.1 is JSON Schema, which has a type for null.
    const { nullable: _, ...rest } = schema as Record<string, unknown>;
    return withType(Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, shown(value)])));
  };
  return {
    shown,
    name: (name, schema) => names.set(schema, name),
    shared(prefix, answer) {
      const text = JSON.stringify(answer);
      const known = answers.get(text);
      const others = [...answers.values()].filter((one) => one.replace(/_\d+$/, '') === prefix).length;
      const name = known ?? (others === 0 ? prefix : `${prefix}_${others + 1}`);
      answers.set(text, name);
      return { $ref: `#/components/responses/${name}` };
    },
    components: () => ({
      schemas: Object.fromEntries([...used].toSorted(([one], [other]) => (one < other ? -1 : 1))),
      responses: Object.fromEntries([...answers].map(([text, name]) => [name, JSON.parse(text)])),
    }),
  };
}

/** Generators want to be told what a list of texts is. */
function withType(schema: Record<string, unknown>): Record<string, unknown> {
  const { enum: values, type } = schema;
  const isOfTexts = type === undefined && Array.isArray(values) && values.every((one) => typeof one === 'string');
  return isOfTexts ? { type: 'string', ...schema } : schema;
}
