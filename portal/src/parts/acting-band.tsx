// Says above every page in whose organization one works, and leads out of it. It is there as long as the page is.

import type { Organization } from '@keyward/sdk/wire';
import { useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { alike, hrefIn } from '../acting.ts';
import { useCustomer } from '../session.ts';
import { actingWords } from '../words/acting.ts';
import classes from './acting.module.css';
import { showDone } from './notice.ts';

const words = actingWords.band;

export function ActingBand() {
  const customer = useCustomer();
  const path = useRouterState({ select: (state) => state.location.pathname });
  useRenamed(customer?.name);
  return (
    <section className={classes.band} aria-label={words.label}>
      <span className={classes.whom}>{customer !== undefined && <Whom organization={customer} />}</span>
      <a className={classes.leave} href={hrefIn(null, alike(path))}>
        {words.leave}
      </a>
    </section>
  );
}

function Whom({ organization: { name, externalId, active } }: { organization: Organization }) {
  const more = [externalId, active ? null : words.inactive].filter((one) => one !== null).join(', ');
  return (
    <>
      <span className={classes.lead}>{words.text} </span>
      <strong title={name}>{name}</strong>
      {more !== '' && ` (${more})`}
    </>
  );
}

/** It goes by its id: another name is no other organization. */
function useRenamed(name: string | undefined): void {
  const before = useRef(name);
  useEffect(() => {
    if (before.current !== undefined && name !== undefined && before.current !== name) {
      showDone(words.renamed(before.current, name));
    }
    before.current = name;
  }, [name]);
}
