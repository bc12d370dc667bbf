// The JSON Schema of the files, for editors: the definitions that check them, without what only messages are made of.

import { ManifestDocument } from './documents.ts';

/** What a file says of it in its first line, where the schema lies beside it. */
export const schemaFile = 'keyward.schema.json';

export function jsonSchema(): Record<string, unknown> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Keyward as files',
    description: 'What keyward apply makes of a server. What is left out is as "default" says, or stays as it is.',
    ...(withoutMends(ManifestDocument) as Record<string, unknown>),
  };
}

function withoutMends(schema: unknown): unknown {
  return JSON.parse(
    JSON.stringify(schema, (key, value) => (key === 'mend' && typeof value === 'string' ? undefined : value)),
  );
}
