// What one cryptographic operation costs in a process of its own, with nothing around it: a bare call with a KeyObject
// (an options object would make ES256 half as slow again on Node 24). Run as `node operation.js es256|rs256|gcm <count>`;
// it prints the microseconds of CPU for each.

import { createCipheriv, createSecretKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** As long as the signed part of a JWT with a handful of claims. */
const text = randomBytes(300);

const operations = {
  es256() {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return () => sign('sha256', text, privateKey);
  },
  rs256() {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    return () => sign('sha256', text, privateKey);
  },
  gcm() {
    const key = createSecretKey(randomBytes(32));
    const plain = text.subarray(0, 200);
    return () => {
      const cipher = createCipheriv('aes-256-gcm', key, randomBytes(12));
      const sealed = cipher.update(plain);
      cipher.final();
      return [sealed, cipher.getAuthTag()];
    };
  },
};

const [name, count] = [process.argv[2], Number(process.argv[3])];
const operate = operations[name]();
for (let warm = 0; warm < count / 4; warm += 1) operate();
const before = process.cpuUsage();
for (let done = 0; done < count; done += 1) operate();
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ microseconds: (user + system) / count }));
