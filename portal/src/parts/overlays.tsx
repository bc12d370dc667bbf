// Where menus, dialogs and short words are drawn: inside the page's main part, so that who moves by landmarks finds them.

import { overlaysId } from '../theme.ts';
import { partWords } from '../words/parts.ts';
import { Icon } from './icon.tsx';
import { dropNotice, useNotices } from './notice.ts';
import classes from './overlays.module.css';

/** Each page has one, last in its main part. */
export function Overlays() {
  return (
    <>
      <div id={overlaysId} className={classes.place} />
      <Notices />
    </>
  );
}

function Notices() {
  const notices = useNotices();
  return (
    <div className={classes.notices} role="status">
      {notices.map(({ id, text, isProblem }) => (
        <div key={id} className={classes.notice} data-problem={isProblem || undefined}>
          <Icon name={isProblem ? 'alert' : 'check'} size={18} />
          <span>{text}</span>
          <button type="button" aria-label={partWords.close} onClick={() => dropNotice(id)}>
            <Icon name="close" size={16} />
          </button>
        </div>
      ))}
    </div>
  );
}
