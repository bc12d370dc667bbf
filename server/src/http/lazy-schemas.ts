// Fastify's compilers, each schema put off until its first use: most routes of a process are never asked, and compiling
// all of them was a third of a start. That every schema does compile is proved by a test, not by the start.

import { createRequire } from 'node:module';
import type ajvCompiler from '@fastify/ajv-compiler';
import type serializerCompiler from '@fastify/fast-json-stringify-compiler';
import type { FastifySchemaControllerOptions } from 'fastify';

type Factories = Required<NonNullable<FastifySchemaControllerOptions['compilersFactory']>>;
type BuildValidator = ReturnType<typeof ajvCompiler>;
type BuildSerializer = ReturnType<typeof serializerCompiler>;

// Whether a body is valid must be known at once, so that the packages cannot be loaded by an import.
const require = createRequire(import.meta.url);

/** For Fastify's `schemaController.compilersFactory`. */
export function lazyCompilers(): Factories {
  return {
    buildValidator: ((external, options) => {
      const compile = once(() => {
        const build = (require('@fastify/ajv-compiler') as typeof ajvCompiler)();
        return build(external, options);
      });
      return (route: { schema: Parameters<ReturnType<BuildValidator>>[0] }) => {
        const real = once(() => compile()(route));
        const check: Check = (data) => {
          const isValid = real()(data);
          check.errors = real().errors;
          return isValid;
        };
        return check;
      };
    }) as Factories['buildValidator'],
    buildSerializer: (external, options) => {
      const compile = once(() => {
        const build: BuildSerializer = (require('@fastify/fast-json-stringify-compiler') as typeof serializerCompiler)();
        return build(external, options);
      });
      return (route) => {
        const real = once(() => compile()(route));
        return (data: unknown) => real()(data);
      };
    },
  };
}

interface Check {
  (data: unknown): unknown;
  errors?: unknown;
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
