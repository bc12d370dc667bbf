// The program behind `npm run timing -- names`: whether the time that `POST /api/v1/authorize` takes tells which API users
// exist (S22). Calls of all classes are interleaved over one connection to a server of its own; two classes are the same
// credentials, and show what the machine itself makes of equal things.

import { parseArgs } from 'node:util';
import { startServer } from '../server.ts';
import { addApiUser, type Credentials, oneConnection, rawAuthorize } from '../wire/rebelcore/api-user.ts';
import { welch } from './welch.ts';

/** Above this a difference is no chance. */
const bound = 4.5;

const { values } = parseArgs({ options: { count: { type: 'string' } } });
const count = Number(values.count ?? 50_000);
if (!Number.isSafeInteger(count) || count < 100) {
  console.error('--count is a whole number from 100 on: how many calls of each class.');
  process.exit(2);
}
const server = await startServer();
const agent = oneConnection();
try {
  const classes = Object.entries(await makeClasses());
  const times = classes.map(() => [] as number[]);
  const warmUps = Math.ceil(count / 20);
  for (let round = -warmUps; round < count; round += 1) {
    // Each class is asked in each place of a round equally often.
    for (let step = 0; step < classes.length; step += 1) {
      const at = (step + round + warmUps) % classes.length;
      const [name, credentials] = classes[at] as [string, Credentials];
      const { status, tookMs } = await rawAuthorize(server, credentials, agent);
      if (status !== 401) throw new Error(`${name} was answered ${status}.`);
      if (round >= 0) times[at]?.push(tookMs);
    }
    if (round > 0 && round % 5000 === 0) console.error(`${round} of ${count} calls of each class`);
  }
  const [reference = []] = times;
  const found = classes.slice(1).map(([name], at) => ({ name, t: Math.abs(welch(times[at + 1] ?? [], reference)) }));
  for (const { name, t } of found)
    console.log(`${t < bound ? 'alike    ' : 'DIFFERENT'}  |t| = ${t.toFixed(2)}  ${name}`);
  const [control, ...others] = found;
  if ((control?.t ?? 0) >= bound)
    console.log('The same credentials differ: the machine is too busy to tell. Run it again.');
  process.exitCode = others.every(({ t }) => t < bound) ? 0 : 1;
} finally {
  agent.destroy();
  await server.stop();
}

async function makeClasses(): Promise<Record<string, Credentials>> {
  const { username, password } = await addApiUser(server);
  const inactive = await addApiUser(server);
  await server.core.deactivateApiUser(server.asOwner, inactive.id);
  const deleted = await addApiUser(server);
  await server.core.deleteApiUser(server.asOwner, deleted.id);
  const wrong = 'x'.repeat(password.length);
  return {
    'wrong password': { username, password: wrong },
    'wrong password, once more (the control)': { username, password: wrong },
    'no such API user': { username: username.replace(/^.{8}/, '00000000'), password: wrong },
    'deactivated API user, wrong password': { username: inactive.username, password: wrong },
    'deactivated API user, right password': { username: inactive.username, password: inactive.password },
    'deleted API user': { username: deleted.username, password: wrong },
  };
}
