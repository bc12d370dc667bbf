// The ways in which a client may authenticate, and the calls of each to copy: curl, Node, Python, Postman.

import type { ServerSettings } from '@keyward/sdk/wire';
import { type Snippet, snippetsFor } from '../../parts/snippets.ts';

export type WayId = 'token' | 'exchange' | 'api-user' | 'debricked' | 'parsers' | 'versio' | 'rebelcore';

export interface Way {
  id: WayId;
  kind: 'api_token' | 'api_user';
  /** What the example calls; the native dialect's `self` knows its own credentials alone. */
  call: '/v1/self' | '/v1/check';
}

const own: readonly Way[] = [
  { id: 'token', kind: 'api_token', call: '/v1/self' },
  { id: 'exchange', kind: 'api_token', call: '/v1/self' },
  { id: 'api-user', kind: 'api_user', call: '/v1/self' },
];
const others: readonly Way[] = [
  { id: 'debricked', kind: 'api_token', call: '/v1/check' },
  { id: 'parsers', kind: 'api_token', call: '/v1/check' },
  { id: 'versio', kind: 'api_token', call: '/v1/check' },
  { id: 'rebelcore', kind: 'api_user', call: '/v1/check' },
];

/** The ways of a server with these dialects on. */
export function waysOf(dialects: ServerSettings['dialects']): { own: readonly Way[]; others: readonly Way[] } {
  return { own, others: others.filter(({ id }) => dialects[id] === true) };
}

/** What the snippets are filled with; no quotes, spaces or backslashes (`isPlain`). */
export interface Credential {
  secret: string;
  username: string;
}

/** True for text that can stand in quotes in a shell, JavaScript, Python and an address alike. */
export function isPlain(text: string): boolean {
  return /^[\w.@+~=-]*$/.test(text);
}

/** `url` is the server's address. */
export function snippetsOf({ id, kind, call }: Way, url: string, { secret, username }: Credential): Snippet[] {
  if (id === 'token' || id === 'exchange') {
    return snippetsFor(url, { kind: 'api_token', secret, isExchangeOnly: id === 'exchange' }, call);
  }
  if (id === 'api-user') return snippetsFor(url, { kind, secret, username }, call);
  if (id === 'versio') return onEachCall(`${url}${call}`, `apiToken ${secret}`);
  return exchanged(exchangeOf(id, url, { secret, username }), `${url}${call}`);
}

interface Exchange {
  url: string;
  /** Arguments of curl, options of fetch, arguments of httpx, and lines for Postman, which say the same. */
  curl: string;
  node: readonly string[];
  python: string;
  postman: readonly string[];
}

function exchangeOf(id: WayId, url: string, { secret, username }: Credential): Exchange {
  if (id === 'debricked') {
    return {
      url: `${url}/api/login_refresh`,
      curl: `-d refresh_token='${secret}'`,
      node: [`body: new URLSearchParams({ refresh_token: '${secret}' }),`],
      python: `data={"refresh_token": "${secret}"}`,
      postman: [`Body → x-www-form-urlencoded: refresh_token = ${secret}`],
    };
  }
  if (id === 'parsers') {
    return {
      url: `${url}/v2/auth/token`,
      curl: `-X POST -u '${secret}:'`,
      node: [`headers: { authorization: 'Basic ' + btoa('${secret}:') },`],
      python: `auth=("${secret}", "")`,
      postman: [`Authorization → Type: Basic Auth`, `Username: ${secret}`, 'Password: (empty)'],
    };
  }
  const body = JSON.stringify({ username, password: secret });
  return {
    url: `${url}/api/v1/authorize`,
    curl: `-H 'Content-Type: application/json' \\\n  -d '${body}'`,
    node: [`headers: { 'content-type': 'application/json' },`, `body: '${body}',`],
    python: `json=${body}`,
    postman: ['Body → raw → JSON:', body],
  };
}

/** Every one of these exchanges answers `{"token": "…"}`. */
function exchanged({ url, curl, node, python, postman }: Exchange, call: string): Snippet[] {
  const options = ["method: 'POST',", ...node].map((line) => `  ${line}\n`).join('');
  return [
    {
      id: 'curl',
      label: 'curl',
      text: `token=$(curl -s ${url} \\\n  ${curl} | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')\n\ncurl -i ${call} -H "Authorization: Bearer $token"`,
    },
    {
      id: 'node',
      label: 'Node',
      text: `const { token } = await fetch('${url}', {\n${options}}).then((answer) => answer.json());\n\nconst answer = await fetch('${call}', {\n  headers: { authorization: \`Bearer \${token}\` },\n});\nconsole.log(answer.status);`,
    },
    {
      id: 'python',
      label: 'Python',
      text: `import httpx\n\ntoken = httpx.post(\n    "${url}",\n    ${python},\n).json()["token"]\n\nanswer = httpx.get("${call}", headers={"Authorization": f"Bearer {token}"})\nprint(answer.status_code)`,
    },
    {
      id: 'postman',
      label: 'Postman',
      text: `POST ${url}\n${postman.join('\n')}\n\nTests:\npm.collectionVariables.set('token', pm.response.json().token);\n\nGET ${call}\nAuthorization → Type: Bearer Token\nToken: {{token}}`,
    },
  ];
}

function onEachCall(call: string, authorization: string): Snippet[] {
  return [
    { id: 'curl', label: 'curl', text: `curl -i ${call} \\\n  -H 'Authorization: ${authorization}'` },
    {
      id: 'node',
      label: 'Node',
      text: `const answer = await fetch('${call}', {\n  headers: { authorization: '${authorization}' },\n});\nconsole.log(answer.status);`,
    },
    {
      id: 'python',
      label: 'Python',
      text: `import httpx\n\nanswer = httpx.get("${call}", headers={"Authorization": "${authorization}"})\nprint(answer.status_code)`,
    },
    { id: 'postman', label: 'Postman', text: `GET ${call}\nHeaders:\nAuthorization: ${authorization}` },
  ];
}
