// The description as this page shows it: of the server that the page came from, since its content policy lets it call no
// other, and without sessions, which it does not send.

export interface Description {
  servers: readonly { url: string }[];
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  components: { securitySchemes: Readonly<Record<string, SecurityScheme>> };
}

interface SecurityScheme {
  flows?: Readonly<Record<string, { tokenUrl: string }>>;
}

interface Operation {
  operationId: string;
  tags?: readonly string[];
  summary?: string;
  security: readonly Readonly<Record<string, unknown>>[];
}

export function forThisPage(description: Description, origin: string): Description {
  const { session: _, ...others } = description.components.securitySchemes;
  const securitySchemes = mapped(others, (scheme) =>
    scheme.flows === undefined ? scheme : { ...scheme, flows: mapped(scheme.flows, (flow) => here(flow, origin)) },
  );
  const paths = mapped(description.paths, (methods) =>
    mapped(methods, (operation) => ({
      ...operation,
      security: operation.security.filter((one) => !('session' in one)),
    })),
  );
  return {
    ...description,
    servers: [{ url: origin }],
    paths,
    components: { ...description.components, securitySchemes },
  };
}

function here<Flow extends { tokenUrl: string }>(flow: Flow, origin: string): Flow {
  return { ...flow, tokenUrl: origin + new URL(flow.tokenUrl, origin).pathname };
}

function mapped<T, W>(record: Readonly<Record<string, T>>, change: (value: T) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
