// Asking before something is done to one row or many: one dialog for a page, with whatever question was put last.

import { type ReactNode, useState } from 'react';
import { Confirm } from '../../parts/dialog.tsx';
import { showDone } from '../../parts/notice.ts';
import { useChosen } from './chosen.ts';
import { type MadeBy, MadeToo } from './made-too.tsx';
import { renewing } from './renewing.ts';

export interface Question {
  /** What is changed, in one word: `token`. */
  what: string;
  title: string;
  text: ReactNode;
  go: string;
  isDangerous?: boolean;
  /** Said when it is done; nothing if the act says it itself. */
  done?: string;
  /** Whose descendants may be ended with it, which the person then chooses. */
  madeBy?: MadeBy;
  act: (options: { descendants: boolean }) => Promise<unknown>;
}

/** The dialog to place on the page, and the way to put a question. `paths` are renewed after each act. */
export function useQuestion(...paths: string[]): [dialog: ReactNode, put: (question: Question) => void] {
  const { row: question, isOpen, open, close } = useChosen<Question>();
  const [descendants, setDescendants] = useState(false);
  const put = (next: Question) => {
    setDescendants(false);
    open(next);
  };
  const dialog = question !== null && (
    <Confirm
      isOpen={isOpen}
      title={question.title}
      go={question.go}
      isDangerous={question.isDangerous === true}
      onClose={close}
      onConfirm={async () => {
        await renewing(question.what, paths, () => question.act({ descendants }));
        if (question.done !== undefined) showDone(question.done);
      }}
    >
      {question.text}
      {question.madeBy !== undefined && (
        <MadeToo by={question.madeBy} checked={descendants} onChange={setDescendants} />
      )}
    </Confirm>
  );
  return [dialog, put];
}
