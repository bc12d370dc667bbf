// The architecture, enforced: reads every source file and fails with the reason for each broken rule. The rules are in
// architecture/law.ts; the second half proves on made-up files that breaking one is noticed.

import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { settingWords } from '../portal/src/words/settings.ts';
import { dialectNames } from '../server/src/dialects/dialect.ts';
import { type SourceFile, violations } from './architecture/check.ts';
import { importsOf } from './architecture/import.ts';
import { orders, placeInOrder, reasons } from './architecture/law.ts';

const root = join(import.meta.dirname, '..');
const folders = ['rules', 'sdk', 'server', 'portal', 'examples', 'test', 'bench', 'scripts'];

test('every source file keeps to the rooms of the design', () => {
  expect(violations(folders.flatMap(sourcesIn), declaredPackages()).join('\n')).toBe('');
});

test.each(dialectNames)(
  'the %s dialect comes with its tests, its page, and its words where dialects are listed',
  (name) => {
    const lacking = {
      [`test/wire/${name}/: each operation, and each status that it can answer`]:
        globSync(`test/wire/${name}/*.test.ts`, { cwd: root }).length > 0,
      [`docs/dialects/${name}.md: an example first, and where it departs from the original`]: existsSync(
        join(root, 'docs/dialects', `${name}.md`),
      ),
      [`docs/guarding.md, under Refusals: a row for \`${name}\``]: textAt('docs/guarding.md').includes(
        `\n| \`${name}\` |`,
      ),
      'portal/src/words/settings.ts, under dialects: its name and what it offers':
        settingWords.dialects.texts[name] !== undefined,
    };
    expect(Object.keys(lacking).filter((what) => lacking[what] === false)).toEqual([]);
  },
);

test('the map in CONTRIBUTING.md has every room and every part of one, in its order', () => {
  const map = textAt('CONTRIBUTING.md');
  const rooms = Object.keys(reasons).map((room) => {
    if (['main', 'assemble'].includes(room)) return `server/src/${room}.ts`;
    return existsSync(join(root, room)) ? `${room}/` : `server/src/${room}/`;
  });
  const rowOf = (name: string) => map.lastIndexOf(`\n| \`${name}\``);
  expect(rooms.filter((room) => rowOf(room) < 0)).toEqual([]);
  const sections = map.split(/\n(?=##+ )/).map((section) => rowsIn(section));
  for (const [folder, parts] of Object.entries(orders)) {
    const names = parts.flatMap(({ name, files }) => (files === undefined ? [`${name}/`] : []));
    const nearest = sections.map((rows) => rows.filter((row) => names.includes(row)));
    const [most = []] = nearest.toSorted((one, other) => other.length - one.length);
    expect([folder, ...most]).toEqual([folder, ...names]);
  }
});

/** What the tables of a section are about. */
function rowsIn(section: string): string[] {
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = '']) => name);
}

test('no part of a room is without a file', () => {
  const places = folders.flatMap(sourcesIn).map(({ path }) => placeInOrder(path));
  for (const [folder, parts] of Object.entries(orders)) {
    const found = new Set(places.flatMap((place) => (place?.folder === folder ? [place.part?.name] : [])));
    expect(parts.filter(({ name }) => !found.has(name)).map(({ name }) => `${folder}: ${name}`)).toEqual([]);
  }
});

describe('the check notices', () => {
  const comment = '// What this is for.\n';
  const check = (path: string, code: string, ...others: SourceFile[]) =>
    violations([{ path, text: comment + code }, ...others], { server: ['fastify', 'jose'], rules: [], sdk: [] });

  test.each([
    ['server/src/http/app.ts', '../storage/open.ts', 'http and storage never see one another'],
    ['server/src/storage/open.ts', '../http/app.ts', 'storage answers to the ports of core alone'],
    ['server/src/storage/open.ts', '../limits/memory.ts', 'storage answers'],
    ['server/src/passwords/argon2.ts', '../storage/open.ts', 'passwords answer'],
    ['server/src/chores/sweep.ts', '../dialects/all.ts', 'chores act through core'],
    ['server/src/limits/leased.ts', '../storage/open.ts', 'limits answer'],
    ['server/src/cli/serve.ts', '../storage/open.ts', 'a command asks assemble'],
    ['server/src/main.ts', './chores/sweep.ts', 'main turns argv'],
    ['server/src/core/checking/verify.ts', '../../dialects/dialect.ts', 'core is the law'],
    ['server/src/core/checking/verify.ts', '../../config/config.ts', 'core is the law'],
    ['server/src/dialects/versio.ts', '../http/app.ts', 'a dialect decides words'],
    ['server/src/dialects/versio.ts', '../storage/open.ts', 'a dialect decides words'],
    ['server/src/dialects/versio.ts', './parsers.ts', 'never on another dialect'],
    ['server/src/dialects/versio.ts', '@keyward/sdk/wire', 'a dialect decides words'],
    ['server/src/http/app.ts', '../cli/serve.ts', 'http is what every language shares'],
    ['server/src/config/config.ts', '../assemble.ts', 'config is read before'],
    ['rules/src/jws.ts', '@keyward/sdk/wire', "other people's processes"],
    ['sdk/src/client/client.ts', '../../../server/src/core/errors.ts', 'no server code'],
    ['portal/src/api.ts', '../../server/src/core/errors.ts', 'of the server nothing'],
    ['examples/api.ts', '../server/src/core/errors.ts', 'from outside'],
  ])('%s importing %s, and gives the reason', (path, specifier, reason) => {
    expect(check(path, `import { a } from '${specifier}';\n`)).toEqual([expect.stringContaining(reason)]);
    expect(check(path, `const a = await import('${specifier}');\n`)).toEqual([expect.stringContaining(reason)]);
    expect(check(path, `import type {\n  A,\n} from '${specifier}';\n`)).toEqual([expect.stringContaining(reason)]);
  });

  test.each([
    ['server/src/assemble.ts', './storage/open.ts'],
    ['server/src/assemble.ts', './chores/sweep.ts'],
    ['server/src/main.ts', './cli/program.ts'],
    ['server/src/cli/serve.ts', '../assemble.ts'],
    ['server/src/cli/init.ts', '../core/caller.ts'],
    ['server/src/cli/login.ts', '@keyward/sdk/wire'],
    ['server/src/http/app.ts', '../dialects/dialect.ts'],
    ['server/src/dialects/native.ts', '@keyward/sdk/wire'],
    ['server/src/dialects/native-tokens.ts', './native-words.ts'],
    ['server/src/dialects/all.ts', './parsers.ts'],
    ['server/src/storage/open.ts', '../core/ports.ts'],
    ['server/src/core/checking/verify.ts', '@keyward/rules/permission'],
    ['server/src/core/checking/verify.test.ts', '../../storage/open.ts'],
    ['server/src/storage/conformance.ts', 'vitest'],
  ])('but lets %s import %s', (path, specifier) => {
    expect(check(path, `import { a } from '${specifier}';\n`)).toEqual([]);
  });

  test.each([
    ['server/src/core/a.ts', 'fastify', 'core imports only jose, node:crypto'],
    ['server/src/core/a.ts', 'node:fs', 'core imports only'],
    ['rules/src/a.ts', 'node:fs', 'rules imports only node:crypto'],
    ['rules/src/a.ts', 'jose', 'rules imports only'],
    ['server/src/http/a.ts', 'undeclared/part', 'which server/package.json does not list'],
    ['server/src/http/a.ts', './a.test.ts', 'never part of the program'],
    ['server/src/storage/a.ts', './conformance.ts', 'never part of the program'],
  ])('%s importing %s', (path, specifier, message) => {
    expect(check(path, `import { a } from '${specifier}';\n`)).toEqual([expect.stringContaining(message)]);
  });

  test.each([
    ['server/src/attic/a.ts', '', 'stands in no room'],
    ['server/src/stray.ts', '', 'stands in no room'],
    ['server/src/core/utils.ts', '', '"util" says nothing'],
    ['server/src/config/lib/a.ts', '', '"lib" says nothing'],
    ['server/src/core/token-manager.ts', '', '"manager" says nothing'],
    ['server/src/core/a.ts', 'export default 1;', 'default export'],
    ['server/src/core/a.ts', 'export enum A { b }', 'enum'],
    ['server/src/core/a.ts', 'export class Store {}', 'class Store is no error'],
    ['server/src/core/a.ts', 'class A extends Map {}', 'class A is no error'],
    ['server/src/core/a.ts', 'const at = Date.now();', 'asks for Date.now( itself'],
    ['server/src/core/a.ts', 'const key = process.env.KEY;', 'asks for process. itself'],
  ])('%s with %j', (path, code, message) => {
    expect(check(path, code)).toEqual([expect.stringContaining(message)]);
  });

  test('but allows errors to be classes, and words in comments', () => {
    const code = '/**\n * class A, enum B, Date.now()\n */\nexport class KeywardError extends Error {}\n';
    expect(check('server/src/core/errors.ts', code)).toEqual([]);
  });

  test('a file that does not say what it is for', () => {
    const file = { path: 'server/src/core/a.ts', text: "import { b } from './b.ts';\n" };
    expect(violations([file], {})).toEqual([expect.stringContaining('does not open with a comment')]);
  });

  test('files that import one another, also where one only needs the other for types', () => {
    const b = (text: string) => ({ path: 'server/src/core/b.ts', text: comment + text });
    const importsB = "import { b } from './b.ts';\n";
    expect(check('server/src/core/a.ts', importsB, b("export { a } from './a.ts';\n"))).toEqual([
      'Circular import: server/src/core/a.ts → server/src/core/b.ts → server/src/core/a.ts.',
    ]);
    expect(check('server/src/core/a.ts', importsB, b("import type { a } from './a.ts';\n"))).toHaveLength(1);
  });

  test.each([
    ['server/src/core/name.ts', './caller/caller.ts', 'what every part stands on'],
    ['server/src/core/caller/a.ts', '../journal/entry.ts', 'who asks'],
    ['server/src/core/journal/a.ts', '../identity/user.ts', 'the journal knows callers'],
    ['server/src/core/identity/a.ts', '../tokens/issue.ts', 'stand without what they hold'],
    ['server/src/core/credentials/a.ts', '../checking/verify.ts', 'without knowing what is made from it'],
    ['server/src/core/tokens/a.ts', '../checking/verify.ts', 'without a verdict'],
    ['server/src/core/checking/a.ts', '../feed/feed.ts', 'nobody who follows the feed'],
    ['server/src/core/feed/a.ts', '../ports.ts', 'only what brings all parts together'],
    ['server/src/core/attic/a.ts', '../name.ts', 'in no part of server/src/core'],
    ['server/src/http/health.ts', './gateway/unavailable-routes.ts', 'what every request meets'],
    ['server/src/http/listener/a.ts', '../fast-path/parser.ts', 'before anyone knows what is asked'],
    ['server/src/http/metrics/a.ts', '../gateway/gateway.ts', 'nobody whom they count'],
    ['server/src/http/fast-path/a.ts', '../gateway/forward-auth.ts', 'without the gateway'],
    ['server/src/http/gateway/a.ts', '../portal/portal.ts', 'with or without a portal'],
    ['server/src/http/portal/a.ts', '../app.ts', 'only the app'],
    ['server/src/http/attic/a.ts', '../log.ts', 'in no part of server/src/http'],
    ['sdk/src/wire/a.ts', '../errors.ts', 'the words of the wire'],
    ['sdk/src/errors.ts', './client/client.ts', 'what can go wrong'],
    ['sdk/src/client/a.ts', '../verifier/verifier.ts', 'checks nobody'],
    ['sdk/src/verifier/cache/a.ts', '../../middleware/guard.ts', 'no web framework'],
    ['sdk/src/middleware/a.ts', '../node.ts', 'the same for each framework'],
  ])('%s importing %s, a higher part of its room, types included', (path, specifier, reason) => {
    expect(check(path, `import { a } from '${specifier}';\n`)).toEqual([expect.stringContaining(reason)]);
    expect(check(path, `import type { A } from '${specifier}';\n`)).toEqual([expect.stringContaining(reason)]);
  });

  test('folders that hold too much, but for those of a file for each noun', () => {
    const folder = (name: string) =>
      Array.from({ length: 21 }, (_, at) => ({ path: `server/src/${name}/a${at}.ts`, text: comment }));
    expect(violations(folder('limits'), {})).toEqual([
      expect.stringContaining('server/src/limits has 21 source files'),
    ]);
    expect(violations(folder('storage'), {})).toEqual([]);
  });

  test('files that grow too long: half of them, a tenth, or one', () => {
    const lines = (count: number) => 'const a = 1;\n'.repeat(count - 1);
    const others = (count: number, length: number) =>
      Array.from({ length: count }, (_, index) => ({
        path: `server/src/core/a${index}.ts`,
        text: comment + lines(length),
      }));
    expect(check('server/src/core/a.ts', lines(90))).toEqual([expect.stringContaining('Half of the source files')]);
    expect(check('server/src/core/a.ts', lines(190), ...others(5, 10))).toEqual([
      expect.stringContaining('A tenth of the source files'),
    ]);
    expect(check('server/src/core/a.ts', lines(401), ...others(19, 10))).toEqual([
      expect.stringContaining('server/src/core/a.ts has 401 lines'),
    ]);
    expect(check('server/src/core/a.test.ts', lines(401))).toEqual([]);
  });
});

test('imports are read in every form that the formatter writes', () => {
  const text = `// import { no } from './comment.ts';
import './effect.ts';
import type { A } from './a.ts';
import {
  b,
} from './b.ts';
export * from './c.ts';
export const from = 'x';
const later = () => import('./d.ts');
`;
  expect(importsOf('server/src/core/x.ts', text).map(({ file, isType, line }) => [file, isType, line])).toEqual([
    ['server/src/core/effect.ts', false, 2],
    ['server/src/core/a.ts', true, 3],
    ['server/src/core/b.ts', false, 4],
    ['server/src/core/c.ts', false, 7],
    ['server/src/core/d.ts', false, 9],
  ]);
});

function textAt(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function sourcesIn(folder: string): SourceFile[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry): SourceFile[] => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return /^(node_modules|dist|results)$/.test(entry.name) ? [] : sourcesIn(path);
    return /\.(tsx?|js)$/.test(entry.name) ? [{ path, text: readFileSync(join(root, path), 'utf8') }] : [];
  });
}

function declaredPackages() {
  const listed = ['rules', 'sdk', 'server'].map((workspace) => {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(
      readFileSync(join(root, workspace, 'package.json'), 'utf8'),
    );
    return [workspace, Object.keys({ ...dependencies, ...devDependencies })] as const;
  });
  // The portal is published as what was built of it: whatever that needed to be built is in it.
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'portal', 'package.json'), 'utf8'));
  return Object.fromEntries([...listed, ['portal', Object.keys(devDependencies)]]);
}
