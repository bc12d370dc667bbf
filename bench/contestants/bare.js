// The measure of all things here: bare node:http answering 100 bytes. `get` answers at once, `post` first reads a small
// JSON body. Run as `node bare.js get|post`; it prints its address as Keyward does with --json.

import { createServer } from 'node:http';

const answer = Buffer.from(JSON.stringify({ text: 'x'.repeat(89) }));
const headers = { 'content-type': 'application/json', 'content-length': answer.length };

function get(_request, response) {
  response.writeHead(200, headers);
  response.end(answer);
}

function post(request, response) {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    JSON.parse(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
    get(request, response);
  });
}

const server = createServer(process.argv[2] === 'post' ? post : get);
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` }));
});
