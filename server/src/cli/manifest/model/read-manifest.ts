// From files to what is wanted: read, checked against the definitions, joined. All mistakes are told at once.

import { checkedValue, type Schema } from '../reading/check.ts';
import { type Problem, unreadable } from '../reading/problem.ts';
import type { SourceText } from '../reading/read-files.ts';
import { parseYaml } from '../reading/yaml-node.ts';
import { ManifestDocument } from './documents.ts';
import { type CheckedDocument, joinDocuments, type Manifest } from './manifest.ts';

/** Throws CommandError that names each place at which something is wrong. */
export function readManifest(sources: readonly SourceText[]): Manifest {
  const problems: Problem[] = [];
  const documents: CheckedDocument[] = [];
  for (const { file, text } of sources) {
    for (const node of parseYaml(file, text, problems)) {
      const value = checkedValue(ManifestDocument as unknown as Schema, node, problems);
      documents.push({ node, value: value as ManifestDocument });
    }
  }
  if (problems.length > 0) throw unreadable(problems);
  const manifest = joinDocuments(documents, problems);
  if (problems.length > 0) throw unreadable(problems);
  return manifest;
}
