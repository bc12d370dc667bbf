// What a part of a page shows while it waits, where there is nothing, and where loading failed, each in the place of the
// contents so that nothing jumps.

import { Button, Skeleton, Stack, Text, Title } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { problemOf } from '../problem.ts';
import { partWords } from '../words/parts.ts';
import { Icon, type IconName } from './icon.tsx';
import classes from './states.module.css';

/** Grey bars in the place of contents; `height` is what the contents will have, about. */
export function Loading({ rows = 3, height = 20 }: { rows?: number; height?: number }) {
  return (
    <div role="status">
      <span className="kw-hidden">{partWords.loading}</span>
      <Stack gap="sm" aria-hidden>
        {Array.from({ length: rows }, (_, index) => index).map((row) => (
          <Skeleton key={row} height={height} radius="sm" width={row === rows - 1 && rows > 1 ? '60%' : '100%'} />
        ))}
      </Stack>
    </div>
  );
}

/** Nothing yet: what would be here, why one would want it, and the button that makes the first. */
export function Empty({
  icon,
  title,
  children,
  action,
}: {
  icon?: IconName;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={classes.state}>
      {icon !== undefined && (
        <span className={classes.icon}>
          <Icon name={icon} size={24} />
        </span>
      )}
      <Title order={2} fz="md">
        {title}
      </Title>
      {children !== undefined && (
        <Text c="dimmed" maw={460} fz="sm" component="div">
          {children}
        </Text>
      )}
      {action}
    </div>
  );
}

/** Loading failed: why, and again. */
export function Failed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <div className={classes.state} role="alert">
      <Title order={2} fz="md">
        {partWords.failed}
      </Title>
      <Text c="dimmed" maw={460} fz="sm">
        {problemOf(error).message}
      </Text>
      <Button variant="default" size="sm" onClick={onRetry}>
        {partWords.retry}
      </Button>
    </div>
  );
}

/** The contents of a query, or what stands for them: `<Loaded query={plans}>{(plans) => …}</Loaded>`. */
export function Loaded<T>({
  query,
  loading,
  children,
}: {
  query: UseQueryResult<T>;
  loading?: ReactNode;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  return loading ?? <Loading />;
}

/** A framed part of a page with a heading. */
export function Panel({
  title,
  intro,
  actions,
  children,
}: {
  title?: ReactNode;
  intro?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className={classes.panel}>
      {(title !== undefined || actions !== undefined) && (
        <div className={classes.head}>
          <div>
            {title !== undefined && <Title order={2}>{title}</Title>}
            {intro !== undefined && (
              <Text c="dimmed" fz="sm" mt={2} component="div">
                {intro}
              </Text>
            )}
          </div>
          {actions !== undefined && <div className={classes.actions}>{actions}</div>}
        </div>
      )}
      {children}
    </section>
  );
}

/** Names and values beneath one another. */
export function Facts({ rows }: { rows: readonly (readonly [label: string, value: ReactNode])[] }) {
  return (
    <dl className={classes.facts}>
      {rows.map(([label, value]) => (
        <div key={label} className={classes.fact}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
