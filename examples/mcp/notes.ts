// A small MCP server: notes that its tools list and delete. It checks no credential: whoever serves it has done so before a message
// arrives (guarded.ts with Keyward's SDK, or Keyward's gateway in front of open.ts).

import type { IncomingMessage, ServerResponse } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';

/** What every message needs. */
export const always = ['read:notes'];

/** What calling a tool needs, all of it: a client that lacks something asks once. */
const needed = new Map([['delete_notes', ['read:notes', 'write:notes']]]);

const mostBytes = 100_000;
const notes = ['Water the plants', 'Call Ada'];

/** The JSON of a request's body; null for what is none, or too long. */
export async function messageOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) {
    text += piece;
    if (text.length > mostBytes) return null;
  }
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The permissions that a message needs; of several messages at once, all of theirs. */
export function neededBy(message: unknown): string[] {
  const all = [message].flat().flatMap((one) => needed.get(toolIn(one)) ?? []);
  return [...new Set([...always, ...all])];
}

/** Answers a message. Nothing is kept between two of them, so that any process can answer any. */
export async function answer(request: IncomingMessage, response: ServerResponse, message: unknown): Promise<void> {
  const server = notesServer();
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
  response.on('close', () => void server.close());
  await server.connect(transport);
  await transport.handleRequest(request, response, message);
}

function notesServer(): McpServer {
  const server = new McpServer({ name: 'notes', version: '1.0.0' });
  server.registerTool('list_notes', { description: 'All notes' }, () => said(notes.join('\n') || 'There are none.'));
  server.registerTool('delete_notes', { description: 'Deletes all notes' }, () =>
    said(`${notes.splice(0).length} notes are deleted.`),
  );
  return server;
}

function said(text: string) {
  return { content: [{ type: 'text' as const, text }] };
}

function toolIn(message: unknown): string {
  const { method, params } = Object(message) as { method?: unknown; params?: unknown };
  return method === 'tools/call' ? String(Object(params).name) : '';
}
