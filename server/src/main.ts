// The program's entry: argv becomes a command. Nothing else happens here.

import process from 'node:process';
import { run } from './cli/program.ts';

process.exitCode = await run(process.argv.slice(2));
