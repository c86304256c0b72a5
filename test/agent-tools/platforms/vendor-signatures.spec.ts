import { Secret } from '../../../src/platform/config/secret.js';
import { platformNamed } from '../../../src/agent-tools/platforms/platforms.js';
import type { PlatformRequest } from '../../../src/agent-tools/platforms/voice-platform.js';
import { type SignedRequest, signedRequests } from './signed-request.js';

const MINUTE = 60_000;
const REQUESTS = signedRequests();

/** As it arrives at `receivedAt`, by default when it was signed, perhaps with another body. */
function arriving(signed: SignedRequest, { receivedAt = signed.signedAt ?? 0, body = signed.body } = {}) {
  return {
    method: signed.method,
    url: signed.url,
    headers: signed.headers,
    query: new URL(signed.url).searchParams,
    action: signed.action,
    rawBody: Buffer.from(body),
    body: parsed(body),
    receivedAt,
  } satisfies PlatformRequest;
}

function parsed(body: string): unknown {
  if (body === '') return undefined;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}

function isAuthentic(
  { platform, secret, webhookSecret }: SignedRequest,
  request: PlatformRequest,
  override: { secret?: string; webhookSecret?: string | null } = {},
): boolean {
  const of = { secret, webhookSecret, ...override };
  return platformNamed(platform)!.isAuthentic(request, {
    secrets: [new Secret(of.secret)],
    webhookSecret: of.webhookSecret === null ? null : new Secret(of.webhookSecret),
  });
}

describe.each(REQUESTS.map((request) => [`${request.platform}, ${request.title}`, request] as const))(
  'what a vendor signs: %s',
  (_, signed) => {
    const { secret, webhookSecret, otherSecret, signedAt, body, expected } = signed;
    const isSigned = (request: PlatformRequest) => isAuthentic(signed, request);
    const withBody = (other: string) => arriving(signed, { body: other });

    it('is authentic', () => {
      expect(isSigned(arriving(signed))).toBe(true);
    });

    it('is authentic after a rotation, while the secret before it works too', () => {
      const platform = platformNamed(signed.platform)!;
      // Where webhooks have a secret of their own, that is not rotated with the other.
      const secrets = [otherSecret, secret].map((text) => new Secret(text));
      const own = webhookSecret === null ? null : new Secret(webhookSecret);
      expect(platform.isAuthentic(arriving(signed), { secrets, webhookSecret: own })).toBe(true);
    });

    it('is refused with another secret', () => {
      const other = webhookSecret === null ? { secret: otherSecret } : { secret, webhookSecret: otherSecret };
      expect(isAuthentic(signed, arriving(signed), other)).toBe(false);
    });

    it('is refused without its signature', () => {
      const headers = Object.fromEntries(
        Object.entries(signed.headers).filter(([name]) => !name.includes('signature')),
      );
      expect(isSigned({ ...arriving(signed), headers })).toBe(false);
    });

    it('is refused when one byte of it is another', () => {
      const at = Math.floor(body.length / 2);
      const changed = `${body.slice(0, at)}${body[at] === 'x' ? 'y' : 'x'}${body.slice(at + 1)}`;
      expect(isSigned(withBody(changed))).toBe(false);
    });

    const reserialised = reserialise(body);
    if (reserialised !== undefined) {
      it('is refused when it was read and written again', () => {
        expect(reserialised).not.toBe(body);
        expect(isSigned(withBody(reserialised))).toBe(false);
      });
    }

    if (signedAt !== null) {
      it('is refused when it is stale or from the future', () => {
        const after = (minutes: number) => arriving(signed, { receivedAt: signedAt + minutes * MINUTE });
        for (const minutes of [-60, -6, 6, 60]) expect(isSigned(after(minutes))).toBe(false);
        for (const minutes of [-4, 4]) expect(isSigned(after(minutes))).toBe(true);
      });
    }

    it('is read as what it means', () => {
      const event = platformNamed(signed.platform)!.read(arriving(signed));
      expect(event.kind).toBe(expected.kind);
      if (event.kind !== 'notice') {
        const { id, caller, dialled } = event.voiceCall;
        if ('callId' in expected) expect(id ?? null).toBe(expected.callId);
        if ('caller' in expected) expect(caller ?? null).toBe(expected.caller);
        if ('dialled' in expected) expect(dialled ?? null).toBe(expected.dialled);
      }
      if (event.kind !== 'tools') return;
      expect(event.calls.map(({ id, tool }) => ({ id, tool }))).toEqual(
        expected.calls!.map(({ id, tool }) => ({ id, tool })),
      );
      event.calls.forEach((call, index) => {
        const given = call.arguments;
        expect(typeof given === 'string' ? JSON.parse(given) : given).toMatchObject(
          expected.calls![index]!.arguments,
        );
      });
    });
  },
);

/** The same JSON in other bytes; undefined where the body is none. */
function reserialise(body: string): string | undefined {
  const value = parsed(body);
  return typeof value === 'object' ? JSON.stringify(value, null, 1) : undefined;
}
