// YAML text as a tree that remembers where everything stands. Anchors and aliases are followed, without copying what they
// mean; tags, YAML 1.1 and anything that JSON cannot say are refused.

import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import type { Position, Problem } from './problem.ts';

export type Node =
  | { type: 'map'; at: Position; entries: { key: string; at: Position; value: Node }[] }
  | { type: 'list'; at: Position; items: Node[] }
  | { type: 'scalar'; at: Position; value: string | number | boolean | null };

/** The documents of one file that hold anything. What is wrong goes to `problems`. */
export function parseYaml(file: string, text: string, problems: Problem[]): Node[] {
  const control = forbidden.exec(text);
  if (control !== null) {
    const before = text.slice(0, control.index).split('\n');
    const at = { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
    const code = control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    problems.push({ at, text: `The character U+${code} may not stand in YAML. Take it out.` });
    return [];
  }
  // Loaded only where there is a file to read.
  const yaml: typeof Yaml = createRequire(import.meta.url)('yaml');
  const lines = new yaml.LineCounter();
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const documents = parseAll(yaml, text, lines, () => problems.push({ at: positionOf(0), text: tooDeep }));
  const found: Node[] = [];
  for (const document of documents) {
    const [mistake] = [...document.errors, ...document.warnings];
    if (mistake !== undefined) {
      problems.push({ at: positionOf(mistake.pos[0]), text: wordsFor(mistake.code, mistake.message) });
      continue;
    }
    if (document.directives.yaml.explicit && document.directives.yaml.version !== '1.2') {
      problems.push({ at: positionOf(0), text: 'These files are YAML 1.2. Take out the line %YAML.' });
      continue;
    }
    if (document.contents === null) continue;
    const node = converted(yaml, document.contents, { positionOf, problems, anchors: new Map() }, 0);
    if (node !== null && !isNothing(node)) found.push(node);
  }
  return found;
}

function parseAll(
  yaml: typeof Yaml,
  text: string,
  lineCounter: Yaml.LineCounter,
  onTooDeep: () => void,
): readonly Yaml.Document.Parsed[] {
  try {
    // Keys are compared in converted(): the parser's own way takes time by the square of their number.
    const options = { lineCounter, uniqueKeys: false, prettyErrors: false, stringKeys: true, merge: false } as const;
    const documents = yaml.parseAllDocuments(text, options);
    return Array.isArray(documents) ? documents : [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    onTooDeep();
    return [];
  }
}

interface Conversion {
  positionOf(offset: number): Position;
  problems: Problem[];
  /** Null while what an anchor names is not complete: an alias in there would have no end. */
  anchors: Map<string, Node | null>;
}

/** Null for what could not be read, which is then among the problems. */
function converted(yaml: typeof Yaml, node: unknown, conversion: Conversion, depth: number): Node | null {
  const { positionOf, problems, anchors } = conversion;
  const at = positionOf((node as { range?: [number, number, number] | null } | null)?.range?.[0] ?? 0);
  const refuse = (text: string) => {
    problems.push({ at, text });
    return null;
  };
  if (depth > deepest) return refuse(tooDeep);
  if (yaml.isAlias(node)) {
    const meant = anchors.get(node.source);
    if (meant === undefined) return refuse(`There is no anchor &${node.source} before this.`);
    return meant ?? refuse(`*${node.source} stands inside of what it names, so that it would have no end.`);
  }
  const anchor = yaml.isNode(node) ? (node as { anchor?: string }).anchor : undefined;
  if (anchor !== undefined) anchors.set(anchor, null);
  const made = convertedContent(yaml, node, at, conversion, depth, refuse);
  if (anchor !== undefined && made !== null) anchors.set(anchor, made);
  return made;
}

function convertedContent(
  yaml: typeof Yaml,
  node: unknown,
  at: Position,
  conversion: Conversion,
  depth: number,
  refuse: (text: string) => null,
): Node | null {
  if (yaml.isMap(node)) {
    const entries: { key: string; at: Position; value: Node }[] = [];
    const known = new Map<string, Position>();
    for (const { key, value } of node.items) {
      if (!yaml.isScalar(key) || typeof key.value !== 'string') {
        refuse('A key is text: put it in quotes.');
        continue;
      }
      const keyAt = conversion.positionOf(key.range?.[0] ?? 0);
      const first = known.get(key.value);
      if (first !== undefined) {
        const text = `${key.value} stands here twice: first in line ${first.line}. Keep one of them.`;
        conversion.problems.push({ at: keyAt, text });
        continue;
      }
      known.set(key.value, keyAt);
      const content = value === null ? scalar(keyAt, null) : converted(yaml, value, conversion, depth + 1);
      if (content !== null) entries.push({ key: key.value, at: keyAt, value: content });
    }
    return { type: 'map', at, entries };
  }
  if (yaml.isSeq(node)) {
    const items = node.items.map((item) => converted(yaml, item, conversion, depth + 1));
    return { type: 'list', at, items: items.filter((item) => item !== null) };
  }
  const value: unknown = yaml.isScalar(node) ? node.value : null;
  const isPlain = value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value);
  if (isPlain) return scalar(at, value as string | number | boolean | null);
  return refuse('This is no text, number, true, false or null. Put it in quotes if it is text.');
}

function scalar(at: Position, value: string | number | boolean | null): Node {
  return { type: 'scalar', at, value };
}

function isNothing(node: Node): boolean {
  return node.type === 'scalar' && node.value === null;
}

/** The parser's own sentences are kept where they are plain; some deserve a mend. */
function wordsFor(code: string, message: string): string {
  return mends[code] ?? `This is not YAML: ${message.replace(/\.$/, '')}.`;
}

const mends: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'A tab cannot indent in YAML. Use spaces.',
  TAG_RESOLVE_FAILED: 'Tags such as !name mean nothing here. Take it out, or put the text in quotes.',
  NON_STRING_KEY: 'A key is text: put it in quotes.',
};

const tooDeep = 'This is nested too deeply to be meant. See whether a bracket or a quote is missing.';
const deepest = 64;
/** What YAML 1.2 (section 5.1) does not let stand in a file; a byte order mark is the parser's affair. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/;
