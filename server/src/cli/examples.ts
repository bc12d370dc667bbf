// The examples of commands that are no verbs of the table: each stands first in its command's help, and a test runs it.

import type { Command } from 'commander';
import { addExamples } from './terminal/examples.ts';

/** By the words of the command. */
export const examples: Readonly<Record<string, readonly string[]>> = {
  serve: ['keyward serve --demo', 'keyward serve --data ./keyward-data --tls-cert cert.pem --tls-key key.pem'],
  init: ['keyward init --organization acme --email ann@example.com --password-stdin < password.txt'],
  login: [
    'keyward login --url $URL',
    'keyward login --profile staging --url $URL --email ann@example.com --password-stdin < password.txt',
  ],
  logout: ['keyward logout', 'keyward logout --profile staging'],
  migrate: ['keyward migrate --data ./keyward-data'],
  'journal verify': ['keyward journal verify --data ./keyward-data'],
  'config check': ['keyward config check'],
  doctor: ['keyward doctor'],
  openapi: ['keyward openapi > openapi.json'],
  postman: ['keyward postman > keyward.postman.json'],
};

/** Puts them before everything else in the help of their commands. */
export function addOtherExamples(program: Command): void {
  for (const [words, lines] of Object.entries(examples)) {
    const found = words
      .split(' ')
      .reduce<Command | undefined>((command, word) => command?.commands.find((one) => one.name() === word), program);
    if (found !== undefined) addExamples(found, lines);
  }
}
