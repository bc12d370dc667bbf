// The interactive reference: the server's own description in Swagger UI. It keeps nothing, and sends no session: calls carry
// the credential that is given on this page, or none.

import 'swagger-ui-dist/swagger-ui.css';
import './reference.css';
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import { schemeKey } from '../scheme-key.ts';
import { entriesOf, showContents } from './contents.ts';
import { type Description, forThisPage } from './description.ts';
import { resolving } from './resolve.ts';

const [place, contents] = [document.getElementById('reference'), document.getElementById('contents')];
if (place === null || contents === null) throw new Error('The page has no place for the reference.');
document.documentElement.classList.toggle('dark-mode', isDark());
show(place, contents).catch((error) => {
  place.textContent = `The description could not be read: ${error}. Reload the page to try again.`;
});

async function show(place: HTMLElement, contents: HTMLElement): Promise<void> {
  const answer = await fetch('/openapi.json', { credentials: 'omit' });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  const description: Description = await answer.json();
  place.textContent = '';
  showContents(contents, entriesOf(description));
  const { layoutActions } = SwaggerUI({
    spec: forThisPage(description, location.origin),
    domNode: place,
    deepLinking: true,
    docExpansion: 'none',
    // Its own finds tags alone.
    filter: false,
    defaultModelsExpandDepth: -1,
    displayRequestDuration: true,
    persistAuthorization: false,
    queryConfigEnabled: false,
    validatorUrl: null,
    plugins: [resolving],
    requestInterceptor: (request) => ({ ...request, credentials: 'omit' }),
  });
  const open = (address: string) => {
    layoutActions.parseDeepLinkHash(address);
    void focus(address);
  };
  // Swagger UI reads the address once, when it begins.
  addEventListener('hashchange', () => open(location.hash));
  contents.addEventListener('click', ({ target }) => {
    const link = target instanceof Element ? target.closest('a') : null;
    if (link?.hash === location.hash) open(link.hash);
  });
}

/** A slow machine takes its time for so many operations. */
const longestDrawingMs = 20_000;
/** How often something was to be focused: only the last one is waited for. */
let focused = 0;

/** Scrolls to an operation and puts the focus there, once it is drawn. */
async function focus(address: string): Promise<void> {
  const id = `operations-${address.slice('#/'.length).split('/').map(decodeURIComponent).join('-')}`;
  focused += 1;
  const mine = focused;
  const until = performance.now() + longestDrawingMs;
  while (mine === focused && performance.now() < until) {
    const operation = document.getElementById(id);
    const control = operation?.querySelector<HTMLElement>('.opblock-summary-control');
    if (operation && control) {
      operation.scrollIntoView();
      control.focus({ preventScroll: true });
      return;
    }
    await new Promise(requestAnimationFrame);
  }
}

/** As the portal was told, or else the browser. */
function isDark(): boolean {
  const chosen = localStorage.getItem(schemeKey);
  return chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
}
