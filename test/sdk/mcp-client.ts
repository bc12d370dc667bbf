// The client of the official MCP SDK, unmodified, with a provider as the SDK's own examples write it, and the browser in which its
// user allows it. For tests only.

import { type OAuthClientProvider, UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { expect } from 'vitest';
import type { TestServer } from '../server.ts';
import type { Page } from '../wire/native/session-client.ts';
import { answer } from '../wire/oauth2/application-flow.ts';

export const redirectUrl = 'http://127.0.0.1:33418/callback';

/** `asked` holds the addresses that it sent its user to. */
export type Provider = OAuthClientProvider & { asked: URL[] };

/** Of a client that is described at an address. It keeps what it is given. */
export function providerOf(clientMetadataUrl: string): Provider {
  const kept = { verifier: '' } as {
    verifier: string;
    tokens?: Awaited<ReturnType<OAuthClientProvider['tokens']>>;
    information?: Awaited<ReturnType<OAuthClientProvider['clientInformation']>>;
  };
  const asked: URL[] = [];
  return {
    asked,
    redirectUrl,
    clientMetadataUrl,
    clientMetadata: { client_name: 'Example MCP Client', redirect_uris: [redirectUrl] },
    clientInformation: () => kept.information,
    saveClientInformation: (information) => {
      kept.information = information;
    },
    tokens: () => kept.tokens,
    saveTokens: (tokens) => {
      kept.tokens = tokens;
    },
    redirectToAuthorization: (url) => void asked.push(url),
    saveCodeVerifier: (verifier) => {
      kept.verifier = verifier;
    },
    codeVerifier: () => kept.verifier,
  };
}

/** Connects, which sends somebody to sign in, and connects again with the tokens that came of it. */
export async function signIn(page: Page, server: TestServer, address: string, provider: Provider) {
  const first = new StreamableHTTPClientTransport(new URL(address), { authProvider: provider });
  await expect(new Client({ name: 'test', version: '1.0.0' }).connect(first)).rejects.toThrow(UnauthorizedError);
  await first.finishAuth(await codeFrom(page, server, provider));
  const transport = new StreamableHTTPClientTransport(new URL(address), { authProvider: provider });
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(transport);
  return { client, transport };
}

/** What a browser does: it follows to the portal's page, where somebody allows it, and comes back with a code. */
export async function codeFrom(page: Page, server: TestServer, { asked }: Provider): Promise<string> {
  const response = await fetch(asked.at(-1) ?? '', { redirect: 'manual' });
  const consent = new URL(response.headers.get('location') ?? '');
  expect([consent.origin, consent.pathname]).toEqual([server.url, '/consent']);
  const back = await answer(page, consent.searchParams.get('request') ?? '');
  expect(back.href.split('?')[0]).toBe(redirectUrl);
  expect(back.searchParams.get('iss')).toBe(server.url);
  return back.searchParams.get('code') ?? '';
}

/** What a tool said. */
export function textOf(result: unknown): string | undefined {
  return (result as { content: { text: string }[] }).content[0]?.text;
}
