// The ways in which a client may authenticate, and the calls of each to copy: curl, Node, Python, Postman. The example
// asks for the verdict on the credential, as a guarded API would: such calls are counted, and show as its last use.

import type { ServerSettings } from '@keyward/sdk/wire';
import type { Snippet } from '../../parts/snippets.ts';

export type WayId = 'token' | 'exchange' | 'api-user' | 'debricked' | 'parsers' | 'versio' | 'rebelcore';

export interface Way {
  id: WayId;
  kind: 'api_token' | 'api_user';
}

const call = '/v1/check';

const own: readonly Way[] = [
  { id: 'token', kind: 'api_token' },
  { id: 'exchange', kind: 'api_token' },
  { id: 'api-user', kind: 'api_user' },
];
const others: readonly Way[] = [
  { id: 'debricked', kind: 'api_token' },
  { id: 'parsers', kind: 'api_token' },
  { id: 'versio', kind: 'api_token' },
  { id: 'rebelcore', kind: 'api_user' },
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
export function snippetsOf({ id }: Way, url: string, credential: Credential): Snippet[] {
  if (id === 'token') return onEachCall(url + call, `Bearer ${credential.secret}`);
  if (id === 'versio') return onEachCall(url + call, `apiToken ${credential.secret}`);
  return exchanged(exchangeOf(id, url, credential), url + call);
}

interface Exchange {
  url: string;
  /** The member of the answer that holds the access token. */
  answer: 'accessToken' | 'token';
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
      answer: 'token',
      curl: `-d refresh_token='${secret}'`,
      node: [`body: new URLSearchParams({ refresh_token: '${secret}' }),`],
      python: `data={"refresh_token": "${secret}"}`,
      postman: [`Body → x-www-form-urlencoded: refresh_token = ${secret}`],
    };
  }
  if (id === 'parsers') {
    return {
      url: `${url}/v2/auth/token`,
      answer: 'token',
      curl: `-X POST -u '${secret}:'`,
      node: [`headers: { authorization: 'Basic ' + btoa('${secret}:') },`],
      python: `auth=("${secret}", "")`,
      postman: [`Authorization → Type: Basic Auth`, `Username: ${secret}`, 'Password: (empty)'],
    };
  }
  const body = JSON.stringify(id === 'exchange' ? { apiToken: secret } : { username, password: secret });
  return {
    url: id === 'rebelcore' ? `${url}/api/v1/authorize` : `${url}/v1/access-tokens`,
    answer: id === 'rebelcore' ? 'token' : 'accessToken',
    curl: `-H 'Content-Type: application/json' \\\n  -d '${body}'`,
    node: [`headers: { 'content-type': 'application/json' },`, `body: '${body}',`],
    python: `json=${body}`,
    postman: ['Body → raw → JSON:', body],
  };
}

function exchanged({ url, answer, curl, node, python, postman }: Exchange, guarded: string): Snippet[] {
  const options = ["method: 'POST',", ...node].map((line) => `  ${line}\n`).join('');
  return [
    {
      id: 'curl',
      label: 'curl',
      text: `token=$(curl -s ${url} \\\n  ${curl} | sed 's/.*"${answer}":"\\([^"]*\\)".*/\\1/')\n\ncurl -i ${guarded} -H "Authorization: Bearer $token"`,
    },
    {
      id: 'node',
      label: 'Node',
      text: `const { ${answer} } = await fetch('${url}', {\n${options}}).then((answer) => answer.json());\n\nconst answer = await fetch('${guarded}', {\n  headers: { authorization: \`Bearer \${${answer}}\` },\n});\nconsole.log(answer.status);`,
    },
    {
      id: 'python',
      label: 'Python',
      text: `import httpx\n\ntoken = httpx.post(\n    "${url}",\n    ${python},\n).json()["${answer}"]\n\nanswer = httpx.get("${guarded}", headers={"Authorization": f"Bearer {token}"})\nprint(answer.status_code)`,
    },
    {
      id: 'postman',
      label: 'Postman',
      text: `POST ${url}\n${postman.join('\n')}\n\nTests:\npm.collectionVariables.set('token', pm.response.json().${answer});\n\nGET ${guarded}\nAuthorization → Type: Bearer Token\nToken: {{token}}`,
    },
  ];
}

function onEachCall(guarded: string, authorization: string): Snippet[] {
  return [
    { id: 'curl', label: 'curl', text: `curl -i ${guarded} \\\n  -H 'Authorization: ${authorization}'` },
    {
      id: 'node',
      label: 'Node',
      text: `const answer = await fetch('${guarded}', {\n  headers: { authorization: '${authorization}' },\n});\nconsole.log(answer.status);`,
    },
    {
      id: 'python',
      label: 'Python',
      text: `import httpx\n\nanswer = httpx.get("${guarded}", headers={"Authorization": "${authorization}"})\nprint(answer.status_code)`,
    },
    { id: 'postman', label: 'Postman', text: `GET ${guarded}\nHeaders:\nAuthorization: ${authorization}` },
  ];
}
