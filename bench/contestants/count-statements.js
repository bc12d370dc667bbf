// Counts the SQL statements of a server that it is loaded into with --import: every run of one by better-sqlite3, on any
// connection. On SIGUSR2 it writes how many there have been so far to the file that BENCH_STATEMENTS names.

import { renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const Database = createRequire(pathToFileURL(process.argv[1]))('better-sqlite3');
let statements = 0;

const { prepare, exec } = Database.prototype;
Database.prototype.prepare = function (...args) {
  const statement = prepare.apply(this, args);
  for (const name of ['run', 'get', 'all', 'iterate']) {
    const original = statement[name];
    statement[name] = (...values) => {
      statements += 1;
      return original.apply(statement, values);
    };
  }
  return statement;
};
Database.prototype.exec = function (...args) {
  statements += 1;
  return exec.apply(this, args);
};

process.on('SIGUSR2', () => {
  const file = process.env.BENCH_STATEMENTS;
  writeFileSync(`${file}.draft`, String(statements));
  renameSync(`${file}.draft`, file);
});
