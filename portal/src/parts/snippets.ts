// Ready calls to copy, filled with this server's address and a credential: how a client gets an access token, or sends
// an API token as it is. They show the native dialect; it makes no call itself.

export interface SnippetCredential {
  /** `direct`: an API token sent on each call. */
  kind: 'api_token' | 'api_user';
  /** The token, or the API user's password; a placeholder where there is none yet. */
  secret: string;
  username?: string;
  /** An API token that may only be exchanged. */
  isExchangeOnly?: boolean;
}

export interface Snippet {
  id: string;
  label: string;
  text: string;
}

/** `url` is the server's address, and `call` what the example asks for. */
export function snippetsFor(url: string, credential: SnippetCredential, call = '/v1/self'): Snippet[] {
  const isExchanged = credential.kind === 'api_user' || credential.isExchangeOnly === true;
  const body =
    credential.kind === 'api_user'
      ? { username: credential.username ?? '', password: credential.secret }
      : { apiToken: credential.secret };
  return isExchanged ? exchanged(url, JSON.stringify(body), call) : direct(url, credential.secret, call);
}

function direct(url: string, secret: string, call: string): Snippet[] {
  return [
    { id: 'curl', label: 'curl', text: `curl ${url}${call} \\\n  -H 'Authorization: Bearer ${secret}'` },
    {
      id: 'node',
      label: 'Node',
      text: `const answer = await fetch('${url}${call}', {\n  headers: { authorization: 'Bearer ${secret}' },\n});\nconsole.log(answer.status, await answer.json());`,
    },
    {
      id: 'python',
      label: 'Python',
      text: `import httpx\n\nanswer = httpx.get(\n    "${url}${call}",\n    headers={"Authorization": "Bearer ${secret}"},\n)\nprint(answer.status_code, answer.json())`,
    },
    {
      id: 'postman',
      label: 'Postman',
      text: `GET ${url}${call}\nAuthorization → Type: Bearer Token\nToken: ${secret}`,
    },
  ];
}

function exchanged(url: string, body: string, call: string): Snippet[] {
  return [
    {
      id: 'curl',
      label: 'curl',
      text: `token=$(curl -s ${url}/v1/access-tokens \\\n  -H 'Content-Type: application/json' \\\n  -d '${body}' | sed 's/.*"accessToken":"\\([^"]*\\)".*/\\1/')\n\ncurl ${url}${call} -H "Authorization: Bearer $token"`,
    },
    {
      id: 'node',
      label: 'Node',
      text: `const { accessToken } = await fetch('${url}/v1/access-tokens', {\n  method: 'POST',\n  headers: { 'content-type': 'application/json' },\n  body: '${body}',\n}).then((answer) => answer.json());\n\nconst answer = await fetch('${url}${call}', {\n  headers: { authorization: \`Bearer \${accessToken}\` },\n});\nconsole.log(answer.status, await answer.json());`,
    },
    {
      id: 'python',
      label: 'Python',
      text: `import httpx\n\ntoken = httpx.post(\n    "${url}/v1/access-tokens",\n    json=${body},\n).json()["accessToken"]\n\nanswer = httpx.get("${url}${call}", headers={"Authorization": f"Bearer {token}"})\nprint(answer.status_code, answer.json())`,
    },
    {
      id: 'postman',
      label: 'Postman',
      text: `POST ${url}/v1/access-tokens\nBody → raw → JSON:\n${body}\n\nTests:\npm.collectionVariables.set('token', pm.response.json().accessToken);\n\nGET ${url}${call}\nAuthorization → Type: Bearer Token\nToken: {{token}}`,
    },
  ];
}
