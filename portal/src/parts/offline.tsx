// Says so while the server cannot be reached, above whatever page is open; the page stays as it is. Plain elements, since
// nothing more can be loaded when this is needed.

import { probe, useReachable } from '../reachability.ts';
import { shellWords } from '../words/shell.ts';
import classes from './offline.module.css';

export function Offline() {
  const isReachable = useReachable();
  const { title, text, retry } = shellWords.offline;
  return (
    <div className={classes.place} role="status">
      {!isReachable && (
        <div className={classes.notice}>
          <strong>{title}</strong>
          <p>{text}</p>
          <button type="button" onClick={() => void probe()}>
            {retry}
          </button>
        </div>
      )}
    </div>
  );
}
