// What becomes of a command whose reader went away. In a process of its own, since it is about the process' streams.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

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
