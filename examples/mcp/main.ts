// Starts one of the two as the README says: `node main.ts` guards by the SDK, `node main.ts open` waits for the gateway.

import process from 'node:process';
import { startNotes } from './guarded.ts';
import { startOpenNotes } from './open.ts';

const {
  KEYWARD_URL: url = 'http://127.0.0.1:8080',
  KEYWARD_TOKEN: token = '',
  MCP_RESOURCE: resource = 'http://127.0.0.1:3001/mcp',
  MCP_API: api = 'notes',
} = process.env;

if (process.argv[2] === 'open') {
  const { url: at } = await startOpenNotes(3002);
  process.stdout.write(`For the gateway: ${at}\n`);
} else {
  await startNotes({ keyward: { url, token }, resource, api });
  process.stdout.write(`MCP clients connect to ${resource}\n`);
}
