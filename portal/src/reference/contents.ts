// The list of contents beside the reference: every operation, in plain text. Swagger UI draws those alone that are in view, so
// that neither the browser's search nor a screen reader would find the others. It opens nothing: its links are addresses.

import type { Description } from './description.ts';

export interface Entry {
  tag: string;
  /** As in the page's address. */
  href: string;
  call: string;
  summary: string;
}

/** In the order of the description, by the first tag of each. */
export function entriesOf({ paths }: Pick<Description, 'paths'>): Entry[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { tags: [tag = 'default'] = [], operationId, summary = '' }]) => ({
      tag,
      href: `#/${encodeURIComponent(tag)}/${encodeURIComponent(operationId)}`,
      call: `${method.toUpperCase()} ${path}`,
      summary,
    })),
  );
}

/** Fills `place`, in which a box narrows the list. */
export function showContents(place: HTMLElement, entries: readonly Entry[]): void {
  const groups = [...Map.groupBy(entries, ({ tag }) => tag)].map(([tag, ofTag]) => groupOf(tag, ofTag));
  const search = made('input', { type: 'search', placeholder: 'Find an operation', autocomplete: 'off' });
  search.ariaLabel = search.placeholder;
  const none = made('p', { textContent: 'No operation is called so.', hidden: true });
  none.role = 'status';
  search.addEventListener('input', () => {
    const words = search.value.toLowerCase().split(/\s+/);
    const shown = groups.map((group) => group.narrow(words));
    none.hidden = shown.some(Boolean);
  });
  const list = made('details');
  list.open = matchMedia('(min-width: 1100px)').matches;
  const title = made('summary', { textContent: `All ${entries.length} operations` });
  list.append(title, search, none, ...groups.map(({ element }) => element));
  place.append(list);
}

function groupOf(tag: string, entries: readonly Entry[]) {
  const items = entries.map(({ href, summary, call }) => {
    const link = made('a', { href });
    link.append(made('span', { textContent: summary }), made('code', { textContent: call }));
    const element = made('li');
    element.append(link);
    return { element, text: `${summary} ${call} ${href}`.toLowerCase() };
  });
  const element = made('section');
  const list = made('ul');
  list.append(...items.map((item) => item.element));
  element.append(made('h2', { textContent: tag }), list);
  return {
    element,
    /** True if some are left. */
    narrow(words: readonly string[]): boolean {
      for (const item of items) item.element.hidden = !words.every((word) => item.text.includes(word));
      element.hidden = items.every((item) => item.element.hidden);
      return !element.hidden;
    },
  };
}

function made<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
): HTMLElementTagNameMap[K] {
  return Object.assign(document.createElement(name), properties);
}
