import type { OpenAPIObject } from '@nestjs/swagger';

type PathItem = OpenAPIObject['paths'][string];
export type Operation = NonNullable<PathItem['get']>;
type Parameter = Extract<NonNullable<Operation['parameters']>[number], { in: string }>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

const SUCCESS: Readonly<Record<string, string>> = {
  200: 'The answer.',
  201: 'It was made.',
  202: 'It was taken on and is done soon.',
  204: 'It was done; there is nothing to say.',
};

const EXAMPLE_OF_FORMAT: Readonly<Record<string, string>> = {
  uuid: '7c0d3c2e-3f0b-4f2a-9a53-0d8f9f1c6f10',
  date: '2027-01-20',
  'date-time': '2027-01-20T14:00:00-05:00',
};

export function operationsOf(document: OpenAPIObject): [path: string, operation: Operation][] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method): [string, Operation][] => {
      const operation = item[method];
      return operation === undefined ? [] : [[path, operation]];
    }),
  );
}

/** Adds what follows from what an operation already says: words for success, examples of ids and instants, an order. */
export function completeOperations(document: OpenAPIObject): void {
  for (const [path, operation] of operationsOf(document)) {
    for (const [status, response] of Object.entries(operation.responses)) {
      if (response !== undefined && 'description' in response && response.description === '') {
        response.description = SUCCESS[status] ?? '';
      }
    }
    if (operation.parameters !== undefined)
      operation.parameters = tidyParameters(operation.parameters as Parameter[], path);
  }
}

/** Each once (header names do not care about case), those of the path first and as they stand in it. */
function tidyParameters(parameters: readonly Parameter[], path: string): Parameter[] {
  const byName = new Map<string, Parameter>();
  for (const parameter of parameters) {
    const name = `${parameter.in} ${parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name}`;
    const other = byName.get(name);
    if (other === undefined || (other.description ?? '') === '') byName.set(name, withExample(parameter));
  }
  const place = ({ in: where, name }: Parameter): number =>
    where === 'path' ? path.indexOf(`{${name}}`) : path.length;
  return [...byName.values()].sort((a, b) => place(a) - place(b) || (a.name < b.name ? -1 : 1));
}

function withExample(parameter: Parameter): Parameter {
  const { schema } = parameter;
  const example: unknown = parameter.example;
  // Swagger UI sends examples of parameters as they are: an optional one would narrow what is tried.
  if (parameter.required !== true) return parameter;
  // Ids in paths are UUIDs everywhere (RequestPipe).
  if (parameter.in === 'path' && /^id$|Id$/.test(parameter.name)) {
    return { ...parameter, schema: { type: 'string', format: 'uuid' }, example: EXAMPLE_OF_FORMAT['uuid'] };
  }
  const format = schema !== undefined && 'format' in schema ? schema.format : undefined;
  const usual = EXAMPLE_OF_FORMAT[format ?? ''];
  if (usual === undefined) return parameter;
  return { ...parameter, schema: { type: 'string', ...schema }, example: example ?? usual };
}
