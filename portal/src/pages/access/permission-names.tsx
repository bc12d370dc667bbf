// Some permissions in a table's cell: the first few, and how many more.

import { Tooltip } from '@mantine/core';
import { accessWords } from '../../words/access.ts';
import classes from './permission-names.module.css';

interface PermissionNamesProps {
  names: readonly string[];
  shown?: number;
  /** Beneath one another where there is no room. */
  wraps?: boolean;
}

export function PermissionNames({ names, shown = 2, wraps = false }: PermissionNamesProps) {
  const rest = names.slice(shown);
  return (
    <span className={classes.names} data-wraps={wraps || undefined}>
      {names.slice(0, shown).map((name) => (
        <span key={name} className={classes.name}>
          {name}
        </span>
      ))}
      {rest.length > 0 && (
        <Tooltip label={accessWords.moreList(rest)} multiline maw={360}>
          <span className={classes.rest}>{accessWords.more(rest.length)}</span>
        </Tooltip>
      )}
    </span>
  );
}
