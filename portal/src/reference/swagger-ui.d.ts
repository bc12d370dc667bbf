// As much of Swagger UI as is used; its package brings no types.

declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  interface Options {
    spec: object;
    domNode: HTMLElement;
    deepLinking: boolean;
    docExpansion: 'none';
    filter: boolean;
    /** -1 shows no list of schemas. */
    defaultModelsExpandDepth: number;
    displayRequestDuration: boolean;
    persistAuthorization: boolean;
    /** False takes no settings from the page's address. */
    queryConfigEnabled: boolean;
    /** Null sends the description to nobody to be validated. */
    validatorUrl: null;
    /** The last one's functions count. */
    plugins: readonly {
      fn: {
        resolveSubtree(document: object, path: readonly string[]): Promise<{ spec: unknown; errors: never[] }>;
      };
    }[];
    requestInterceptor(request: Readonly<Record<string, unknown>>): Record<string, unknown>;
  }
  /** `parseDeepLinkHash` opens what an address such as `#/native/readSelf` names. */
  const SwaggerUI: (options: Options) => { layoutActions: { parseDeepLinkHash(address: string): void } };
  export default SwaggerUI;
}
