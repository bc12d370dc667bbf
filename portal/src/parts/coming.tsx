// Stands in for a page that is not built yet, and says so.

import { shellWords } from '../words/shell.ts';
import { Page } from './page.tsx';
import { Empty } from './states.tsx';

export function Coming({ title }: { title: string }) {
  return (
    <Page title={title}>
      <Empty icon="info" title={shellWords.comingTitle}>
        {shellWords.coming}
      </Empty>
    </Page>
  );
}
