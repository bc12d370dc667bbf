// The server's index of digests, alone: fills it with as many as it is told, looks for all of them, and prints how many
// are there, what they take and what a step costs. Run as `node digest-index.ts <count>`.

import { hash } from 'node:crypto';
import { createDigestIndex } from '../../server/src/storage/digest-index.ts';

const count = Number(process.argv[2]);
const atOnce = 10_000;

const index = createDigestIndex();
const addNs = eachInLots((digest) => {
  index.add(digest);
  return true;
}, count).ns;
const found = eachInLots((digest) => index.mayHold(digest), count);
const small = createDigestIndex();
eachInLots((digest) => {
  small.add(digest);
  return true;
}, 1000);
const fewFindNs = eachInLots((digest) => small.mayHold(digest), 1_000_000, 1000).ns;
console.log(
  JSON.stringify({ held: Math.min(found.good, index.size), bytes: index.bytes, addNs, findNs: found.ns, fewFindNs }),
);

/** Nanoseconds of CPU of one call, without that of making the digests; they begin anew after `among`. */
function eachInLots(act: (digest: string) => boolean, calls: number, among = calls): { good: number; ns: number } {
  let [good, spent] = [0, 0];
  for (let from = 0; from < calls; from += atOnce) {
    const digests = Array.from({ length: Math.min(atOnce, calls - from) }, (_, at) =>
      hash('sha256', `digest ${(from + at) % among}`, 'hex'),
    );
    const before = process.cpuUsage();
    for (const digest of digests) if (act(digest)) good += 1;
    const { user, system } = process.cpuUsage(before);
    spent += user + system;
  }
  return { good, ns: (spent * 1000) / calls };
}
