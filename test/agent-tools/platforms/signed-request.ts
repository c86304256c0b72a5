import { readdirSync, readFileSync } from 'node:fs';

/** A request as a voice platform sends it, signed by the platform's own code where there is any: see vendor-check/. */
export interface SignedRequest {
  /** Completes "a … of Retell": "tool call". */
  readonly title: string;
  readonly platform: string;
  /** The function that signed it or, where there is only one that verifies, that accepted it. */
  readonly signedBy: string;
  /** What the connection's owner gives us; made up, like every name and number. */
  readonly secret: string;
  /** For webhooks, where they are signed with another one. */
  readonly webhookSecret: string | null;
  /** Another one of its kind, with which nothing here is signed. */
  readonly otherSecret: string;
  /** Epoch milliseconds that the signature covers; null where it covers no time. */
  readonly signedAt: number | null;
  readonly method: string;
  readonly url: string;
  /** What follows the connection in the path. */
  readonly action: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes as text, exactly. */
  readonly body: string;
  readonly expected: SignedRequestMeaning;
}

/** What is to be read from it. */
export interface SignedRequestMeaning {
  readonly kind: 'tools' | 'call_started' | 'call_ended' | 'notice';
  readonly calls?: readonly {
    readonly id: string | null;
    readonly tool: string;
    readonly arguments: Readonly<Record<string, unknown>>;
  }[];
  readonly callId?: string | null;
  readonly caller?: string | null;
  readonly dialled?: string | null;
}

const SIGNED = new URL('fixtures/signed/', import.meta.url);

export function signedRequests(): SignedRequest[] {
  return readdirSync(SIGNED)
    .sort()
    .flatMap((name) => JSON.parse(readFileSync(new URL(name, SIGNED), 'utf8')) as SignedRequest[]);
}
