// The row that a dialog is about. It is kept while the dialog closes, so that its words do not vanish before it does.

import { useState } from 'react';

export interface Chosen<T> {
  row: T | null;
  isOpen: boolean;
  open: (row: T) => void;
  close: () => void;
}

export function useChosen<T>(): Chosen<T> {
  const [row, setRow] = useState<T | null>(null);
  const [isOpen, setOpen] = useState(false);
  return {
    row,
    isOpen,
    open: (next) => {
      setRow(next);
      setOpen(true);
    },
    close: () => setOpen(false),
  };
}
