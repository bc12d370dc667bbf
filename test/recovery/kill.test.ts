// kill -9 in the middle of a backup, a restore, a move and a shipment, at random steps: what is there afterwards is the old or the new,
// nothing half of that is served, and the same command again brings it to its end. The real program.

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkBackup } from '../../server/src/assemble/recovery/backup.ts';
import { entriesBehind, openKeptJournal } from '../../server/src/assemble/recovery/later-journal.ts';
import { genesisHash } from '../../server/src/core/journal/chain.ts';
import { build } from '../end-to-end/program.ts';
import { freshPlace, keyward, type Ran } from '../end-to-end/run.ts';
import { type KilledWorld, newKilledWorld } from './killed-world.ts';

/** Of each command. All of the last steps and many before: `KEYWARD_RECOVERY_KILLS=60 npm test -- test/recovery/kill.test.ts`. */
const kills = Number(process.env.KEYWARD_RECOVERY_KILLS ?? 2);
const timeout = 300_000 + kills * 60_000;

interface Try {
  args: readonly string[];
  environment?: NodeJS.ProcessEnv;
  /** Right after the kill. Throws where something is there that must not be. */
  look(): Promise<unknown>;
  /** After the same command has been run again, which answered this. */
  end(again: Ran): Promise<unknown>;
}

let world: KilledWorld;
const place = freshPlace();
beforeAll(async () => {
  await build();
  world = await newKilledWorld(80);
}, 300_000);
afterAll(() => {
  world?.remove();
  place.remove();
});

const done = (ran: Ran) => expect(ran, ran.errors).toMatchObject({ code: 0 });

/** A restore that went by the later journal: nothing stands suspended. */
const restored = (ran: Ran) => {
  done(ran);
  expect(JSON.parse(ran.output)).toMatchObject({ suspendedBecause: null, notReplayed: {} });
};

const commands: Readonly<Record<string, () => Promise<Try>>> = {
  backup: async () => {
    const folder = world.copyData();
    const [data, to] = [join(folder, 'data'), join(folder, 'to')];
    mkdirSync(to);
    const file = join(to, 'backup.db');
    const whole = async () => expect((await checkBackup(file, () => {})).manifest).not.toBeNull();
    return {
      args: ['backup', '--to', file, '--json', '--data', data],
      async look() {
        expect(await world.served({ data })).toBe('whole');
        if (existsSync(file)) await whole();
      },
      async end(again) {
        // Where it was there already the killed one had done it.
        if (!again.errors.includes('backup.db is there already')) done(again);
        await whole();
        expect(readdirSync(to).sort()).toEqual(['backup.db', 'backup.db.manifest.json']);
      },
    };
  },
  restore: async () => {
    const data = join(world.copyData(), 'data');
    return {
      args: ['restore', world.backup, '--yes', '--json', '--data', data],
      look: async () => expect(['whole', 'refused']).toContain(await world.served({ data })),
      async end(again) {
        restored(again);
        expect(await world.served({ data })).toBe('whole');
        expect(readdirSync(data)).not.toContain('restoring');
      },
    };
  },
  'restore --in-place': async () => {
    const data = join(world.copyData(), 'data');
    cpSync(world.backup, join(data, 'keyward.db'));
    return {
      args: ['restore', '--in-place', '--journal', world.journal, '--yes', '--json', '--data', data],
      look: async () => expect(['whole', 'refused']).toContain(await world.served({ data })),
      async end(again) {
        restored(again);
        expect(await world.served({ data })).toBe('whole');
      },
    };
  },
  'restore --in-place on PostgreSQL': async () => {
    const head = join(world.copyData(), 'journal.head');
    cpSync(world.postgres.head, head);
    const database = await world.copyDatabase(world.postgres.older);
    const environment = { KEYWARD_DATABASE: database, KEYWARD_SECRETS: world.secrets, KEYWARD_JOURNAL_HEAD: head };
    return {
      args: ['restore', '--in-place', '--journal', world.postgres.journal, '--yes', '--json'],
      environment,
      look: async () => expect(['whole', 'refused']).toContain(await world.served({ database, head })),
      async end(again) {
        restored(again);
        expect(await world.served({ database, head })).toBe('whole');
      },
    };
  },
  'move to PostgreSQL': async () => {
    const data = join(world.copyData(), 'data');
    const database = await world.emptyDatabase();
    return {
      args: ['move', '--yes', '--json', '--data', data],
      environment: { KEYWARD_MOVE_TO: database },
      look: async () => notBoth(await world.served({ data }), await world.served({ database })),
      end: async (again) => moved(again, await world.served({ data }), await world.served({ database })),
    };
  },
  'move to SQLite': async () => {
    const database = await world.copyDatabase(world.postgres.whole);
    const data = join(dirname(world.copyData()), `moved-${Math.random()}`);
    mkdirSync(data);
    return {
      args: ['move', '--to', `sqlite:${data}`, '--yes', '--json'],
      environment: { KEYWARD_DATABASE: database, KEYWARD_SECRETS: world.secrets },
      look: async () => notBoth(await world.served({ database }), await world.served({ data })),
      end: async (again) => moved(again, await world.served({ database }), await world.served({ data })),
    };
  },
  'journal ship': async () => {
    const folder = world.copyData();
    const to = join(folder, 'second');
    return {
      args: ['journal', 'ship', '--to', to, '--once', '--json', '--data', join(folder, 'data')],
      look: async () => expect(existsSync(to) ? await shipped(to) : 0).toBeLessThanOrEqual(world.entries),
      async end(again) {
        done(again);
        expect(await shipped(to)).toBe(world.entries);
      },
    };
  },
};

/** Before its end the old one is served, or neither; afterwards the new one. */
function notBoth(from: string, to: string): void {
  expect(['whole empty', 'whole refused', 'refused refused', 'refused whole']).toContain(`${from} ${to}`);
}

function moved(again: Ran, from: string, to: string): void {
  if (!again.errors.includes('was moved elsewhere')) done(again);
  expect([from, to]).toEqual(['refused', 'whole']);
}

/** How many entries are in a folder. Throws where they do not follow on one another. */
async function shipped(folder: string): Promise<number> {
  if (readdirSync(folder, { recursive: true }).every((name) => !/\.jsonl$/.test(String(name)))) return 0;
  const journal = await openKeptJournal(folder);
  let count = 0;
  for await (const entries of entriesBehind(journal, { seq: 0, hash: genesisHash })) count += entries.length;
  return count;
}

describe.each(Object.entries(commands))('keyward %s', (_, prepare) => {
  const run = ({ args, environment }: Try, more: NodeJS.ProcessEnv = {}) =>
    keyward(place, args, { environment: { ...environment, ...more } });
  const preloaded = { NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, 'kill-at.ts'))}` };

  test(`killed at ${kills} steps, or stopped, leaves the old or the new; run again it comes to its end [S117]`, {
    timeout,
  }, async () => {
    const whole = await prepare();
    const counted = join(place.folder, 'steps');
    const finished = await run(whole, { ...preloaded, TEST_STEPS: counted });
    done(finished);
    await whole.end(finished);
    const steps = Number(readFileSync(counted, 'utf8'));
    expect(steps).toBeGreaterThan(5);
    for (const at of stepsOf(steps)) {
      const one = await prepare();
      const killed = await run(one, { ...preloaded, TEST_KILL_AT: String(at) });
      // One that does a few steps less this time has ended by itself.
      expect(killed.code === null || at > steps - 5, `step ${at} of ${steps}: ${killed.errors}`).toBe(true);
      await one.look();
      await one.end(await run(one));
    }
    // Ctrl-C: it tells how things are, or is done by then.
    const one = await prepare();
    const at = String(Math.floor(steps * (0.4 + Math.random() / 2)));
    const stopped = await run(one, { ...preloaded, TEST_KILL_AT: at, TEST_KILL_BY: 'SIGINT' });
    expect([0, 130], `step ${at} of ${steps}: ${stopped.errors}`).toContain(stopped.code);
    if (stopped.code === 130) expect(JSON.parse(stopped.errors)).toMatchObject({ error: 'Stopped.', hint: hints });
    await one.look();
    await one.end(stopped.code === 0 ? stopped : await run(one));
  });
});

const hints = expect.stringMatching(/as it was|nothing of it is left/);

/** Half of them at the end, where the new takes the place of the old, and half anywhere. */
function stepsOf(steps: number): number[] {
  const late = Math.min(steps, Math.max(15, kills));
  const chosen = Array.from({ length: kills }, (_, n) =>
    n % 2 === 0 ? steps - Math.floor(Math.random() * late) : 1 + Math.floor(Math.random() * steps),
  );
  return [...new Set(chosen)];
}
