// OTLP in its JSON form (OpenTelemetry protocol 1.x, "JSON Protobuf Encoding"): attributes, times and what stands around spans
// and metrics. By hand: the official packages for this take a fifth of what all of Keyward takes on disk, for these few shapes.

export type AttributeValue = string | number;

interface KeyValue {
  key: string;
  value: { stringValue: string } | { intValue: string } | { doubleValue: number };
}

/** Whole numbers are text, as int64 is in JSON. */
export function keyValues(attributes: Readonly<Record<string, AttributeValue>>): KeyValue[] {
  return Object.entries(attributes).map(([key, value]) => {
    if (typeof value === 'string') return { key, value: { stringValue: value } };
    return { key, value: Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value } };
  });
}

/** Of milliseconds since the epoch; to the microsecond, which is all that a double holds. */
export function unixNano(ms: number): string {
  return `${Math.round(ms * 1000)}000`;
}

const scope = { name: 'keyward' };

/** Spans as they are posted to `/v1/traces`. */
export function tracesBody(resource: Readonly<Record<string, string>>, spans: readonly object[]): object {
  const scopeSpans = [{ scope, spans }];
  return { resourceSpans: [{ resource: { attributes: keyValues(resource) }, scopeSpans }] };
}

/** Metrics as they are posted to `/v1/metrics`. */
export function metricsBody(resource: Readonly<Record<string, string>>, metrics: readonly object[]): object {
  const scopeMetrics = [{ scope, metrics }];
  return { resourceMetrics: [{ resource: { attributes: keyValues(resource) }, scopeMetrics }] };
}
