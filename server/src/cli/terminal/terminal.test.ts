// What becomes of a command whose reader went away. In a process of its own, since it is about the process' streams.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonOf, plain } from './terminal.ts';

const program = `
  const { realTerminal, tell } = await import(${JSON.stringify(new URL('./terminal.ts', import.meta.url).href)});
  const terminal = realTerminal();
  realTerminal();
  terminal.input.on('data', () => tell(terminal, false, null, 'a line'));
  terminal.input.on('end', () => setTimeout(() => process.exit(7), 50));
`;

test('a command goes on when nobody reads its output any more', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'pipe' });
  let errors = '';
  child.stderr.on('data', (piece) => {
    errors += piece;
  });
  child.stdin.write('1');
  await once(child.stdout, 'data');
  child.stdout.destroy();
  await once(child.stdout, 'close');
  child.stdin.write('2');
  await new Promise((resolve) => setTimeout(resolve, 100));
  child.stdin.end('3');
  const [code] = await once(child, 'close');
  expect([code, errors]).toEqual([7, '']);
});

/** A user agent that a stranger sent, a path that a verifier tells of, a name of a file. */
const hostile = [
  '\u001b[2J',
  '\u009b2J',
  '\u009d0;title\u009c',
  '\r',
  '\u007f',
  '\u202e',
  '\u2066',
  '\u200f',
  '\n',
  '\u2028',
];
const obeyed = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

test('text from elsewhere moves no cursor and turns no direction of reading, as JSON neither [S83, S124]', () => {
  const piece = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary', maxLength: 5 }));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join('');
      expect(plain(text)).not.toMatch(obeyed);
      const json = jsonOf({ text });
      expect(json.replace(/[\u2028\u2029]/g, '')).not.toMatch(obeyed);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ text })));
    }),
    { numRuns: 2000 },
  );
});
