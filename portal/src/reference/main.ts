// The interactive reference: the server's own description in Swagger UI. It keeps nothing, and sends no session: calls carry
// the credential that is given on this page, or none.

import 'swagger-ui-dist/swagger-ui.css';
import './reference.css';
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import { schemeKey } from '../scheme-key.ts';
import { type Description, forThisPage } from './description.ts';
import { resolving } from './resolve.ts';

const place = document.getElementById('reference');
if (place === null) throw new Error('The page has no place for the reference.');
document.documentElement.classList.toggle('dark-mode', isDark());
show(place).catch((error) => {
  place.textContent = `The description could not be read: ${error}. Reload the page to try again.`;
});

async function show(place: HTMLElement): Promise<void> {
  const answer = await fetch('/openapi.json', { credentials: 'omit' });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  const description: Description = await answer.json();
  place.textContent = '';
  SwaggerUI({
    spec: forThisPage(description, location.origin),
    domNode: place,
    deepLinking: true,
    docExpansion: 'none',
    filter: true,
    defaultModelsExpandDepth: -1,
    displayRequestDuration: true,
    persistAuthorization: false,
    queryConfigEnabled: false,
    validatorUrl: null,
    plugins: [resolving],
    requestInterceptor: (request) => ({ ...request, credentials: 'omit' }),
  });
}

/** As the portal was told, or else the browser. */
function isDark(): boolean {
  const chosen = localStorage.getItem(schemeKey);
  return chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
}
