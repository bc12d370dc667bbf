// The time that a server of the network tells (SNTP, RFC 4330), asked once. Only the one that was named is asked.

import { createSocket } from 'node:dgram';
import { type Finding, findingsOf } from './finding.ts';
import { mostApartMs } from './most-apart.ts';

const port = 123;
const timeoutMs = 3_000;
/** From 1900, where NTP counts from, to 1970. */
const epochSeconds = 2_208_988_800;

export async function lookAtNetworkTime(host: string): Promise<Finding> {
  const { ok, warning, skipped } = findingsOf('clock');
  const aheadMs = await aheadOf(host, port);
  if (aheadMs === null) return skipped(`${host} told no time`, 'Does it speak NTP, and may UDP port 123 be reached?');
  const seconds = (Math.abs(aheadMs) / 1000).toFixed(1);
  if (Math.abs(aheadMs) < mostApartMs) return ok(`${seconds} s from the time of ${host}`);
  const which = aheadMs > 0 ? 'behind' : 'ahead of';
  return warning(`this machine's is ${seconds} s ${which} the time of ${host}`, 'Set it right, and keep it so by NTP.');
}

/** How far that clock is ahead of this one, milliseconds; null without an answer that can be used. */
export function aheadOf(host: string, at: number): Promise<number | null> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    const done = (result: number | null): void => {
      clearTimeout(timer);
      socket.close();
      resolve(result);
    };
    const timer = setTimeout(() => done(null), timeoutMs);
    const sentAt = Date.now();
    socket.once('error', () => done(null));
    socket.once('message', (answer) => done(offsetIn(answer, sentAt, Date.now())));
    // Version 4, from a client.
    const question = Buffer.alloc(48);
    question[0] = 0x23;
    socket.send(question, at, host, (error) => error && done(null));
  });
}

/** Of an answer, by the times at which it was received and sent there (RFC 4330 section 5). */
export function offsetIn(answer: Buffer, sentAt: number, receivedAt: number): number | null {
  const isAnswer = answer.length >= 48 && (answer[0] ?? 0) % 8 === 4;
  // 0 is a refusal.
  if (!isAnswer || answer[1] === 0) return null;
  const [cameAt, leftAt] = [timeAt(answer, 32), timeAt(answer, 40)];
  return (cameAt - sentAt + (leftAt - receivedAt)) / 2;
}

function timeAt(answer: Buffer, offset: number): number {
  const seconds = answer.readUInt32BE(offset) - epochSeconds;
  return seconds * 1000 + (answer.readUInt32BE(offset + 4) / 2 ** 32) * 1000;
}
