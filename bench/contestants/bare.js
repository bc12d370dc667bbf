// The measure of all things here: bare node:http answering 100 bytes. `get` answers at once, `post` first reads a small
// JSON body, `empty` answers without a body. Run as `node bare.js get|post|empty`; it prints its address as Keyward does
// with --json.

import { createServer } from 'node:http';

// A string, as Node sends it in one piece with the head; a buffer costs a tenth more.
const answer = JSON.stringify({ text: 'x'.repeat(89) });
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

function empty(_request, response) {
  response.writeHead(200, { 'content-length': 0 });
  response.end();
}

const server = createServer({ get, post, empty }[process.argv[2]]);
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` }));
});
