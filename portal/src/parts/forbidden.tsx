// Stands in for a page that the person may not see. The server would refuse what it shows anyway; this says whom to ask.

import { shellWords } from '../words/shell.ts';
import { Page } from './page.tsx';
import { Empty } from './states.tsx';

const words = shellWords.forbidden;

export function Forbidden({ title, permission }: { title: string; permission: string }) {
  return (
    <Page title={title}>
      <Empty icon="shield" title={words.title}>
        {words.text(permission)}
      </Empty>
    </Page>
  );
}
