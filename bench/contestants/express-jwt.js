// A peer: express with jsonwebtoken, checking RS256, and no limit at all. Run as `node express-jwt.js <public key file>`.

import { readFileSync } from 'node:fs';
import express from 'express';
import jsonwebtoken from 'jsonwebtoken';

const key = readFileSync(process.argv[2], 'utf8');
const app = express();
app.get('/', (request, response) => {
  try {
    const token = request.headers.authorization?.slice('Bearer '.length);
    jsonwebtoken.verify(token, key, { algorithms: ['RS256'] });
    response.status(200).end();
  } catch {
    response.status(401).end();
  }
});
const server = app.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` }));
});
