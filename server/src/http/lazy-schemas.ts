// Fastify's compilers, each schema put off until its first use: most routes of a process are never asked, and compiling
// all of them was a third of a start. That every schema does compile is proved by a test, not by the start.

import { createRequire } from 'node:module';
import type ajvCompiler from '@fastify/ajv-compiler';
import type serializerCompiler from '@fastify/fast-json-stringify-compiler';
import type { FastifyServerOptions } from 'fastify';

type Controller = NonNullable<FastifyServerOptions['schemaController']>;
type BuildValidator = ajvCompiler.BuildCompilerFromPool;
type BuildSerializer = serializerCompiler.SerializerFactory;

// Whether a body is valid must be known at once, so that the packages cannot be loaded by an import.
const require = createRequire(import.meta.url);

/** What Fastify makes compilers of validators and of serializers with; they load their package when first used. */
export const lazySchemas: Controller = {
  compilersFactory: {
    buildValidator: lazyValidators as unknown as ajvCompiler.ValidatorFactory,
    buildSerializer: lazySerializers,
  },
};

function lazyValidators(...given: Parameters<BuildValidator>) {
  const compile = once(() => (require('@fastify/ajv-compiler') as typeof ajvCompiler)()(...given));
  return (route: Parameters<ReturnType<BuildValidator>>[0]) => {
    const real = once(() => compile()(route));
    const check = (data: unknown) => {
      const isValid = real()(data);
      check.errors = real().errors;
      return isValid;
    };
    check.errors = undefined as ReturnType<typeof real>['errors'];
    return check;
  };
}

function lazySerializers(...given: Parameters<BuildSerializer>): ReturnType<BuildSerializer> {
  const compile = once(() => {
    const build = require('@fastify/fast-json-stringify-compiler') as typeof serializerCompiler;
    return build()(...given);
  });
  return (route) => {
    const real = once(() => compile()(route));
    return (data) => real()(data);
  };
}

/** The same value at every call, made at the first one that succeeds. */
function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
