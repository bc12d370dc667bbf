// `keyward export`: a running server as the files that make it. Applied to an empty one they give the same, but for ids and
// secrets. It changes nothing.

import type { Call } from '../../grammar/noun.ts';
import { misuse } from '../../terminal/command-error.ts';
import { plain } from '../../terminal/terminal.ts';
import { toDocument } from '../exporting/documents.ts';
import { writeYaml } from '../exporting/write-yaml.ts';
import { schemaFile } from '../model/json-schema.ts';
import { wholeExtent } from '../state/extent.ts';
import { readState } from '../state/read-state.ts';

/** Throws CommandError for an organization that there is not. */
export async function exportAll({ terminal, json, options, outcome, client }: Call): Promise<void> {
  const named = Array.isArray(options.organization) ? options.organization.map(String) : null;
  const unread: string[] = [];
  const missing = new Set(named);
  const extent = wholeExtent(
    (one) => {
      const names = [one.id, one.name, one.externalId].filter((name) => name !== null);
      for (const name of names) missing.delete(name);
      return named === null || names.some((name) => named.includes(name));
    },
    (what, why) => unread.push(plain(`${what}: ${why}`)),
  );
  const { found, url } = await readState(await client(), extent);
  for (const name of missing)
    throw misuse(`There is no organization ${JSON.stringify(name)}.`, 'See keyward orgs list.');
  // Of one organization its own: plans and APIs are the whole server's.
  const kept = named === null ? found : found.filter(({ organization }) => organization !== null);
  const exported = toDocument(kept);
  const text = json ? `${JSON.stringify(exported.document)}\n` : writeYaml(exported, headOf(url, unread));
  terminal.output.write(text);
  for (const one of unread) terminal.errors.write(`Left out, as it could not be read: ${one}\n`);
  outcome.code = unread.length > 0 ? 1 : 0;
}

function headOf(url: string, unread: readonly string[]): string[] {
  return [
    `yaml-language-server: $schema=${schemaFile}`,
    '',
    `Exported from ${plain(url)}. Applied to an empty server, with keyward apply, it gives the same one: ids, usernames of`,
    'API users, passwords and secrets are new there. Not in here are second factors, sessions, signing keys, what people',
    'let applications do, usage, the journal, and the settings of the server, which are in its own keyward.yaml.',
    'keyward apply --schema writes the schema that the first line names.',
    ...unread.map((one) => `Left out, as it could not be read: ${one}`),
  ];
}
