// Whether a document is what the schema says, told of each place by itself: the field, what stands there, and the mend. It
// reads the part of JSON Schema that the definitions in model/ are made of, and knows none of them.

import { nearestWord } from '@keyward/rules/nearest-word';
import { plain } from '../../terminal/terminal.ts';
import type { Problem } from './problem.ts';
import type { Node } from './yaml-node.ts';

/** What is read of a schema. */
export interface Schema {
  type?: string;
  enum?: readonly unknown[];
  anyOf?: readonly Schema[];
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  additionalProperties?: unknown;
  patternProperties?: Readonly<Record<string, Schema>>;
  items?: Schema;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minProperties?: number;
  maxProperties?: number;
  minItems?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
  /** What to write, where a pattern is not met. */
  mend?: string;
}

/** The plain value of the node. Where something is wrong it goes to `problems`, and the value is of no use. */
export function checkedValue(schema: Schema, node: Node, problems: Problem[]): unknown {
  return check(schema, node, '', { problems, left: most });
}

interface Checking {
  problems: Problem[];
  /** Aliases are cheap to write: what they mean is counted each time. */
  left: number;
}

function check(schema: Schema, node: Node, path: string, checking: Checking): unknown {
  if (isSpent(checking, node, path)) return undefined;
  if (schema.anyOf !== undefined) return checkAny(schema.anyOf, node, path, checking);
  if (schema.enum !== undefined) return checkEnum(schema.enum, node, path, checking);
  switch (schema.type) {
    case 'object':
      return checkObject(schema, node, path, checking);
    case 'array':
      return checkList(schema, node, path, checking);
    case 'string':
      return checkText(schema, node, path, checking);
    case 'integer':
      return checkInteger(schema, node, path, checking);
    default:
      if (node.type === 'scalar' && typeOf(node) === schema.type) return node.value;
      return say(checking, node, path, `is ${shown(node)}; it must be ${wordFor(schema)}`);
  }
}

/** Said once: what is there is of no use then. */
function isSpent(checking: Checking, node: Node, path: string): boolean {
  checking.left -= 1;
  if (checking.left === 0) say(checking, node, path, 'holds more than can be meant, through aliases perhaps');
  return checking.left <= 0;
}

function checkAny(any: readonly Schema[], node: Node, path: string, checking: Checking): unknown {
  const fitting = any.find((one) => accepts(one, node));
  if (fitting !== undefined) return check(fitting, node, path, checking);
  return say(checking, node, path, `is ${shown(node)}; it must be ${any.map(wordFor).join(', or ')}`);
}

function accepts(schema: Schema, node: Node): boolean {
  if (schema.enum !== undefined) return typeOf(node) === 'string';
  return schema.type === typeOf(node);
}

function checkEnum(known: readonly unknown[], node: Node, path: string, checking: Checking): unknown {
  if (node.type === 'scalar' && known.includes(node.value)) return node.value;
  const value = node.type === 'scalar' ? String(node.value) : '';
  const meant = nearestWord(value, known.map(String));
  const mend = meant === undefined ? '' : `. Did you mean ${meant}?`;
  return say(checking, node, path, `is ${shown(node)}; it must be one of ${known.join(', ')}${mend}`);
}

function checkObject(schema: Schema, node: Node, path: string, checking: Checking): unknown {
  if (node.type !== 'map') return say(checking, node, path, `is ${shown(node)}; it must be fields, each with a value`);
  if (schema.additionalProperties === true) return freeValue(node, path, checking);
  const [others] = Object.values(schema.patternProperties ?? {});
  const known = schema.properties ?? {};
  const entries: [string, unknown][] = [];
  for (const { key, at, value } of node.entries) {
    const field = Object.hasOwn(known, key) ? known[key] : others;
    const place = joined(path, key);
    if (field !== undefined) entries.push([key, check(field, value, place, checking)]);
    else say(checking, { at }, place, `is not a known field${didYouMean(key, Object.keys(known))}`);
  }
  for (const key of schema.required ?? []) {
    if (node.entries.some((entry) => entry.key === key)) continue;
    say(checking, node, path, `lacks the field ${key}`);
  }
  const { minProperties = 0, maxProperties = Number.POSITIVE_INFINITY } = schema;
  if (node.entries.length < minProperties || node.entries.length > maxProperties) {
    say(checking, node, path, `must have one of the fields ${Object.keys(known).join(', ')}`);
  }
  return Object.fromEntries(entries);
}

function checkList(schema: Schema, node: Node, path: string, checking: Checking): unknown {
  if (node.type !== 'list') return say(checking, node, path, `is ${shown(node)}; it must be a list`);
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY, items = {} } = schema;
  if (node.items.length < minItems) say(checking, node, path, `has ${node.items.length} items; at least ${minItems}`);
  if (node.items.length > maxItems) say(checking, node, path, `has ${node.items.length} items; at most ${maxItems}`);
  return node.items.map((item, index) => check(items, item, `${path}[${labelOf(item, index)}]`, checking));
}

function checkText(schema: Schema, node: Node, path: string, checking: Checking): unknown {
  if (node.type !== 'scalar' || typeof node.value !== 'string') {
    const quotes = node.type === 'scalar' && node.value !== null ? '. Put it in quotes' : '';
    return say(checking, node, path, `is ${shown(node)}; it must be text${quotes}`);
  }
  const { value } = node;
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern, mend } = schema;
  if (value.length < minLength) return say(checking, node, path, 'must not be empty');
  if (value.length > maxLength) return say(checking, node, path, `has more than ${maxLength} characters`);
  if (pattern === undefined || new RegExp(pattern, 'u').test(value)) return value;
  return say(checking, node, path, `is ${shown(node)}; ${mend ?? `it must match ${pattern}`}`);
}

function checkInteger(schema: Schema, node: Node, path: string, checking: Checking): unknown {
  const value = node.type === 'scalar' ? node.value : null;
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    return say(checking, node, path, `is ${shown(node)}; it must be a whole number`);
  }
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
  if (value >= minimum && value <= maximum) return value;
  return say(checking, node, path, `is ${value}; it must be from ${minimum} to ${maximum}`);
}

/** Any JSON. */
function freeValue(node: Node, path: string, checking: Checking): unknown {
  if (isSpent(checking, node, path)) return undefined;
  if (node.type === 'scalar') return node.value;
  if (node.type === 'list') return node.items.map((item) => freeValue(item, path, checking));
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, freeValue(value, joined(path, key), checking)]));
}

function say(checking: Checking, { at }: Pick<Node, 'at'>, path: string, text: string): undefined {
  checking.problems.push({
    at,
    text: `${path === '' ? 'The document' : plain(path)} ${text}${/[.?]$/.test(text) ? '' : '.'}`,
  });
  return undefined;
}

function didYouMean(key: string, known: readonly string[]): string {
  if (key === '<<') return '. Merge keys are of YAML 1.1: write the fields out, or alias a whole value';
  const meant = nearestWord(key, known);
  return meant === undefined ? `. Known are ${known.join(', ')}` : `. Did you mean ${meant}?`;
}

function joined(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** An item by its name, which is found sooner than a number. */
function labelOf(node: Node, index: number): string {
  if (node.type !== 'map') return String(index);
  for (const field of ['name', 'handle', 'id', 'email', 'url']) {
    const found = node.entries.find(({ key }) => key === field)?.value;
    if (found?.type === 'scalar' && typeof found.value === 'string') return found.value.slice(0, 64);
  }
  return String(index);
}

function typeOf(node: Node): string {
  if (node.type === 'map') return 'object';
  if (node.type === 'list') return 'array';
  if (node.value === null) return 'null';
  if (typeof node.value === 'number') return Number.isInteger(node.value) ? 'integer' : 'number';
  return typeof node.value;
}

/** What stands there; of long text its beginning, as it might be a secret that was pasted into the wrong place. */
function shown(node: Node): string {
  if (node.type === 'map') return 'a map of fields';
  if (node.type === 'list') return 'a list';
  if (typeof node.value === 'string') return plain(JSON.stringify(cut(node.value)));
  return node.value === null ? 'empty' : String(node.value);
}

function cut(text: string): string {
  return text.length > 24 ? `${text.slice(0, 12)}…` : text;
}

function wordFor(schema: Schema): string {
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`;
  return words[schema.type ?? ''] ?? 'something else';
}

const words: Readonly<Record<string, string>> = {
  object: 'fields, each with a value',
  array: 'a list',
  string: 'text',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'null',
};

const most = 2_000_000;
