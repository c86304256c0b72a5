import { readFileSync } from 'node:fs';

/** The reduced discovery document beside this file. */
export interface Parameter {
  type: 'string' | 'integer' | 'boolean';
  format?: string;
  required?: boolean;
  repeated?: boolean;
  enum?: string[];
  minimum?: string;
  maximum?: string;
  location: 'path' | 'query';
}

export interface Schema {
  type?: 'string' | 'integer' | 'boolean' | 'object' | 'array' | 'number';
  format?: string;
  $ref?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema;
  items?: Schema;
  /** Operations that need this field, e.g. `events.insert` needs `start`. */
  requiredBy?: string[];
}

export interface Method {
  httpMethod: string;
  path: string;
  scopes: string[];
  parameters?: Record<string, Parameter>;
  request?: string;
  response?: string;
}

interface Discovery {
  servicePath: string;
  parameters: Record<string, Parameter>;
  methods: Record<string, Method>;
  schemas: Record<string, Schema>;
}

export const discovery = JSON.parse(
  readFileSync(new URL('./calendar-v3.discovery.json', import.meta.url), 'utf8'),
) as Discovery;

export interface Route {
  /** The method's id without the API's name, e.g. `events.insert`. */
  operation: string;
  method: Method;
  path: Record<string, string>;
}

const routes = Object.entries(discovery.methods).map(([operation, method]) => {
  const names: string[] = [];
  const pattern = method.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    names.push(name);
    return '([^/]+)';
  });
  return { operation, method, names, pattern: new RegExp(`^${discovery.servicePath}${pattern}$`) };
});

/** Which operation a request means; undefined when Google has none at this address. */
export function routeOf(httpMethod: string, pathname: string): Route | undefined {
  for (const { operation, method, names, pattern } of routes) {
    if (method.httpMethod !== httpMethod) continue;
    const found = pattern.exec(pathname);
    if (!found) continue;
    const path = names.map((name, index) => [name, decodeURIComponent(found[index + 1] ?? '')]);
    return { operation, method, path: Object.fromEntries(path) as Record<string, string> };
  }
  return undefined;
}
