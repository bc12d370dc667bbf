// The commands of configuration as code, as the command line lists them. What they do is loaded when one of them runs.

import type { Verb } from '../../grammar/noun.ts';

const fileOption = {
  flag: '-f, --file <path>',
  help: 'a file, a folder of .yaml files, or - for standard input; may be given several times',
  isMany: true,
} as const;

const pruneFlag = '--prune [kinds]';
const pruneHelp =
  'what the files do not name, of the kinds that they name: of all but organizations, or of these, as tokens,roles';

const applyVerb: Verb = {
  name: 'apply',
  summary: 'make the server what files say; see diff and export',
  examples: [
    'keyward apply -f keyward/ --dry-run',
    'keyward apply -f keyward/ --yes --secrets-to new-secrets.jsonl',
    'keyward apply -f keyward/ --yes --prune tokens,roles --secrets-to new-secrets.jsonl',
    'keyward apply --schema > keyward.schema.json',
  ],
  options: [
    fileOption,
    { flag: pruneFlag, help: `remove ${pruneHelp}` },
    {
      flag: '--secrets-to <where>',
      help: 'new secrets, a line of JSON each: to a file, a command (on its standard input), or - for standard output',
    },
    { flag: '--schema', help: 'print the JSON Schema of the files, for editors, and do nothing else' },
  ],
  routes: [],
  changes: true,
  destroys: true,
  endsItself: true,
  jsonHelp: 'print what was done, and what was not, as JSON',
  run: async (call) => (await import('./apply.ts')).apply(call),
};

const diffVerb: Verb = {
  name: 'diff',
  summary: 'show what apply would change; exits with 1 where something differs, with 2 where something is wrong',
  examples: ['keyward diff -f keyward/', 'keyward diff -f keyward/ --prune', 'keyward diff -f keyward/ --json'],
  jsonHelp: 'print the differences as JSON',
  options: [fileOption, { flag: pruneFlag, help: `show as removed ${pruneHelp}` }],
  routes: [],
  run: async (call) => (await import('./diff.ts')).diff(call),
};

const exportVerb: Verb = {
  name: 'export',
  summary: 'write what there is as the files of apply, to standard output',
  examples: ['keyward export > keyward.yaml', 'keyward export --organization acme > acme.yaml'],
  options: [
    {
      flag: '--organization <which>',
      help: 'only this one, by name, id or external id; may be given several times',
      isMany: true,
    },
  ],
  routes: [],
  jsonHelp: 'write JSON in place of YAML; apply reads that too',
  run: async (call) => (await import('./export.ts')).exportAll(call),
};

export const manifestVerbs: readonly Verb[] = [applyVerb, diffVerb, exportVerb];
