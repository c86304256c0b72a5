import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { CallToolResult } from '@modelcontextprotocol/client';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';

/** The revisions that clients speak: the present one without a handshake, the other with `initialize`. */
export const REVISIONS = ['2026-07-28', '2025-06-18'] as const;
export type Revision = (typeof REVISIONS)[number];

/** The answer of a tool, from the fields beside the text. */
export interface Structured {
  ok: boolean;
  say: string;
  code?: string;
  slots?: { slot_id: string; starts_at: string }[];
  booking?: { id: string; reference: string };
}

/** Lets the application listen on a port of its own: the client speaks real HTTP. */
export async function addressOf(app: NestFastifyApplication): Promise<URL> {
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return new URL(`http://127.0.0.1:${port}/mcp`);
}

/** The official client. It checks each answer against the schema that the tool declares. */
export async function connectMcp(
  address: URL,
  revision: Revision,
  headers: Record<string, string>,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Promise<Client> {
  const client = new Client(
    { name: 'a-voice-platform', version: '1.0.0' },
    revision === '2026-07-28'
      ? { versionNegotiation: { mode: { pin: revision } } }
      : { supportedProtocolVersions: [revision] },
  );
  await client.connect(new StreamableHTTPClientTransport(address, { requestInit: { headers }, fetch }));
  return client;
}

export function structured({ structuredContent }: CallToolResult): Structured {
  return structuredContent as Structured;
}

export function textOf({ content }: CallToolResult): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}
