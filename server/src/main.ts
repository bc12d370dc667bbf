// The program's entry: argv becomes a command. Nothing else happens here.

import process from 'node:process';
import { run } from './cli/program.ts';
import { interrupted } from './cli/terminal/command-error.ts';

process.exitCode = await run(process.argv.slice(2));
// What Ctrl-C has stopped is not waited for, as an answer that is still under way.
if (process.exitCode === interrupted) process.exit();
