// `keyward import …` in this process, against a server that runs. For tests only.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { run } from '../../server/src/cli/program.ts';

export interface Ran {
  code: number;
  output: string;
  errors: string;
}

export interface Commands {
  folder: string;
  write(name: string, text: string): void;
  read(name: string): string;
  run(args: readonly string[], input?: Iterable<string>): Promise<Ran>;
  remove(): void;
}

export function commandsAt(url: string, token: string): Commands {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-import-'));
  return {
    folder,
    write: (name, text) => writeFileSync(join(folder, name), text),
    read: (name) => readFileSync(join(folder, name), 'utf8'),
    async run(args, input = []) {
      const [output, errors] = [sink(), sink()];
      const code = await run(args, {
        input: Readable.from(Array.from(input, (one) => Buffer.from(one))),
        output: output.stream,
        errors: errors.stream,
        environment: { KEYWARD_URL: url, KEYWARD_TOKEN: token, HOME: folder },
        folder,
      });
      return { code, output: output.text(), errors: errors.text() };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function sink() {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}
