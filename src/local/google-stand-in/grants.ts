import { createHash, randomBytes } from 'node:crypto';

/** What a person agreed to, until the code is exchanged. */
interface Consent {
  sub: string;
  scopes: string[];
  redirectUri: string;
  /** Whether the exchange brings a refresh token. */
  offline: boolean;
  nonce?: string;
  codeChallenge?: string;
  codeChallengeMethod?: string;
}

interface Code extends Consent {
  code: string;
  expiresAt: number;
  /** A code that comes twice was perhaps stolen, so what it brought is taken back. */
  accessToken?: string;
}

interface RefreshToken {
  token: string;
  sub: string;
  scopes: string[];
}

interface AccessToken extends RefreshToken {
  expiresAt: number;
}

export interface KeptGrants {
  granted: [sub: string, scopes: string[]][];
  codes: Code[];
  refreshTokens: RefreshToken[];
  accessTokens: AccessToken[];
}

const codeLifetimeMs = 10 * 60_000;
const mostRefreshTokens = 100;

/** Who allowed what, and the tokens that prove it. There is one client, so the account names the grant. */
export class Grants {
  accessTokenLifetimeSeconds = 3599;
  rotatesRefreshTokens = false;
  private readonly granted = new Map<string, string[]>();
  private readonly codes = new Map<string, Code>();
  private readonly refreshTokens = new Map<string, RefreshToken>();
  private readonly accessTokens = new Map<string, AccessToken>();

  constructor(
    private readonly now: () => number,
    kept?: KeptGrants,
  ) {
    kept?.granted.forEach(([sub, scopes]) => this.granted.set(sub, scopes));
    kept?.codes.forEach((code) => this.codes.set(code.code, code));
    kept?.refreshTokens.forEach((one) => this.refreshTokens.set(one.token, one));
    kept?.accessTokens.forEach((one) => this.accessTokens.set(one.token, one));
  }

  toJSON(): KeptGrants {
    const now = this.now();
    return {
      granted: [...this.granted],
      codes: [...this.codes.values()].filter((code) => code.expiresAt > now),
      refreshTokens: [...this.refreshTokens.values()],
      accessTokens: [...this.accessTokens.values()].filter((token) => token.expiresAt > now),
    };
  }

  scopesGrantedBy(sub: string): string[] {
    return this.granted.get(sub) ?? [];
  }

  issueCode(consent: Consent): string {
    const code = `4/0A${secret(48)}`;
    this.granted.set(consent.sub, [...new Set([...this.scopesGrantedBy(consent.sub), ...consent.scopes])]);
    this.codes.set(code, { ...consent, code, expiresAt: this.now() + codeLifetimeMs });
    return code;
  }

  /** Undefined for a code that is unknown, too old, used before, or shown with the wrong proof. */
  redeemCode(text: string, redirectUri: string, verifier: string | undefined): Consent | undefined {
    const code = this.codes.get(text);
    if (!code || code.expiresAt <= this.now()) return undefined;
    if (code.accessToken) {
      this.accessTokens.delete(code.accessToken);
      return undefined;
    }
    if (code.redirectUri !== redirectUri || !provesPossession(code, verifier)) return undefined;
    // From here on the code is used, whatever becomes of the answer.
    code.accessToken = 'used';
    return code;
  }

  rememberCodeBrought(text: string, accessToken: string): void {
    const code = this.codes.get(text);
    if (code) code.accessToken = accessToken;
  }

  issueAccessToken(sub: string, scopes: string[]): AccessToken {
    const expiresAt = this.now() + this.accessTokenLifetimeSeconds * 1000;
    const issued = { token: `ya29.a0${secret(96)}`, sub, scopes, expiresAt };
    this.accessTokens.set(issued.token, issued);
    return issued;
  }

  issueRefreshToken(sub: string, scopes: string[]): string {
    const mine = [...this.refreshTokens.values()].filter((one) => one.sub === sub);
    // Past Google's limit the oldest one dies without a word.
    const surplus = Math.max(0, mine.length - mostRefreshTokens + 1);
    mine.slice(0, surplus).forEach((one) => this.refreshTokens.delete(one.token));
    const token = `1//0${secret(64)}`;
    this.refreshTokens.set(token, { token, sub, scopes });
    return token;
  }

  refresh(token: string): (AccessToken & { refreshToken?: string }) | undefined {
    const known = this.refreshTokens.get(token);
    if (!known) return undefined;
    const issued = this.issueAccessToken(known.sub, known.scopes);
    if (!this.rotatesRefreshTokens) return issued;
    this.refreshTokens.delete(token);
    return { ...issued, refreshToken: this.issueRefreshToken(known.sub, known.scopes) };
  }

  /** The token when it is alive; an expired one is as good as unknown. */
  accessToken(token: string): AccessToken | undefined {
    const known = this.accessTokens.get(token);
    return known && known.expiresAt > this.now() ? known : undefined;
  }

  /** Whose token this is or was, for the log and for faults of one account. */
  ownerOf(token: string): string | undefined {
    return (this.accessTokens.get(token) ?? this.refreshTokens.get(token) ?? this.codes.get(token))?.sub;
  }

  expireAccessTokens(sub?: string): void {
    for (const token of this.accessTokens.values()) {
      if (sub === undefined || token.sub === sub) token.expiresAt = 0;
    }
  }

  /** Revoking any token of a grant ends the whole grant; false when the token is unknown. */
  revokeByToken(token: string): boolean {
    const known = this.refreshTokens.get(token) ?? this.accessToken(token);
    if (known) this.revoke(known.sub);
    return known !== undefined;
  }

  revoke(sub: string): void {
    this.granted.delete(sub);
    for (const tokens of [this.codes, this.refreshTokens, this.accessTokens]) {
      for (const [token, known] of tokens) if (known.sub === sub) tokens.delete(token);
    }
  }
}

function provesPossession(
  { codeChallenge, codeChallengeMethod }: Consent,
  verifier: string | undefined,
): boolean {
  if (!codeChallenge) return true;
  if (!verifier) return false;
  if (codeChallengeMethod !== 'S256') return verifier === codeChallenge;
  return createHash('sha256').update(verifier).digest('base64url') === codeChallenge;
}

function secret(length: number): string {
  return randomBytes(length).toString('base64url').slice(0, length);
}
