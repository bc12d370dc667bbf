// A document as YAML for people and for git: one order, short lists in one line, comments where something is left out.

import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import { plain } from '../../terminal/terminal.ts';
import type { Exported } from './documents.ts';

/** `head`: lines of the comment at its beginning. */
export function writeYaml({ document, comments }: Exported, head: readonly string[]): string {
  const yaml: typeof Yaml = createRequire(import.meta.url)('yaml');
  const written = new yaml.Document(document, { aliasDuplicateObjects: false });
  const isLimit = (pair: unknown) => yaml.isPair(pair) && yaml.isScalar(pair.key) && pair.key.value === 'limits';
  yaml.visit(written, {
    Seq(_, node) {
      const texts = node.items.map((item) => (yaml.isScalar(item) ? String(item.value) : null));
      if (texts.every((text) => text !== null) && texts.join(', ').length <= widest) node.flow = true;
    },
    Map(_, node, path) {
      const isItem = yaml.isSeq(path.at(-1)) && !isLimit(path.at(-2));
      const isShort = node.items.every(({ value }) => yaml.isScalar(value)) && !isItem;
      if (node.items.length === 0 || (isShort && String(JSON.stringify(node)).length <= widest)) node.flow = true;
    },
    Pair(_, pair, path) {
      const isTop = path.length === 2;
      if (isTop && yaml.isScalar(pair.key)) pair.key.spaceBefore = true;
    },
  });
  for (const [path, lines] of comments) {
    const text = lines.map((line) => ` ${plain(line)}`).join('\n');
    const keys = path.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
    const field = keys.pop();
    const parent = written.getIn(keys, true);
    if (!yaml.isMap(parent)) continue;
    const pair = parent.items.find(({ key }) => yaml.isScalar(key) && key.value === field);
    if (pair !== undefined && yaml.isScalar(pair.key)) pair.key.commentBefore = text;
    else parent.comment = [parent.comment, text].filter(Boolean).join('\n');
  }
  const body = written.toString({ lineWidth: 0, flowCollectionPadding: true });
  return `${head.map((line) => (line === '' ? '#' : `# ${line}`)).join('\n')}\n${body}`;
}

const widest = 100;
