import { ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** What the protocol reads. The credential is not among them: it has done its work. */
const READ = /^(?:accept|content-type|mcp-.*)$/;

/** Headers of the connection, which is Fastify's affair. */
const NOT_COPIED = new Set(['connection', 'content-length', 'transfer-encoding']);

/** The request as the web's own, without its body: that is read already. */
export function webRequest({ method, headers }: FastifyRequest): Request {
  const read = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    READ.test(name) && typeof value === 'string' ? [[name, value]] : [],
  );
  // Where it was sent to is of no matter, and the `Host` header is the client's word.
  return new Request('http://localhost/mcp', { method, headers: read });
}

/**
 * Sends a response of the web with all that our own answers have: security headers, request id, log line. As a whole: nothing
 * here streams on, an event stream ends with the one answer in it.
 */
export async function sendWebResponse(response: Response, reply: FastifyReply): Promise<void> {
  const body = await response.text();
  for (const [name, value] of response.headers) {
    if (!NOT_COPIED.has(name)) void reply.header(name, value);
  }
  void reply.status(response.status).send(body);
}

/** A refusal in JSON-RPC's words, for what the SDK does not get to see. */
export function refusal(status: 400 | 405, message: string): Response {
  const code = status === 400 ? ProtocolErrorCode.InvalidRequest : -32_000;
  return Response.json(
    { jsonrpc: '2.0', id: null, error: { code, message } },
    { status, ...(status === 405 ? { headers: { allow: 'POST' } } : {}) },
  );
}
