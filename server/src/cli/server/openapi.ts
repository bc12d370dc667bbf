// `keyward openapi` and `keyward postman`: the description of the API as text, without a server or a database.

import type { Command } from 'commander';
import type { Terminal } from '../terminal/terminal.ts';

const elsewhere = 'the address of the server that it is for';

export function addOpenApi(program: Command, terminal: Terminal): void {
  program
    .command('openapi')
    .description('print the description of the API as an OpenAPI 3.1 document')
    .option('--url <url>', elsewhere)
    .action(async ({ url }: { url?: string }) => print(terminal, await described(url)));
  program
    .command('postman')
    .description('print the API as a Postman collection')
    .option('--environment', "print the collection's environment in its place, to be filled in")
    .option('--url <url>', elsewhere)
    .action(async ({ url, environment }: { url?: string; environment?: true }) => {
      const { postmanCollection, postmanEnvironment } = await import('../../http/openapi/postman.ts');
      print(terminal, environment === true ? postmanEnvironment(url) : postmanCollection(await described(url)));
    });
}

async function described(url: string | undefined) {
  const [{ openApiDocument }, { allDialects }] = await Promise.all([
    import('../../http/openapi/document.ts'),
    import('../../dialects/all.ts'),
  ]);
  return openApiDocument(allDialects, url);
}

function print(terminal: Terminal, value: unknown): void {
  terminal.output.write(`${JSON.stringify(value, null, 2)}\n`);
}
