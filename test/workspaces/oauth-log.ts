/** One request to an authorization server, after it was answered. Never holds a secret. */
export interface OAuthRequest {
  readonly kind: 'authorization' | 'token' | 'registration' | 'deletion' | 'revocation' | 'metadata';
  /** `grant_type` of a token request. */
  readonly grantType: string | undefined;
  readonly clientId: string | undefined;
  readonly resource: string | undefined;
  readonly scope: string | undefined;
  /** 0 when the connection was broken instead. */
  readonly status: number;
  /** The `error` of the answer. */
  readonly error: string | undefined;
}

/** The requests to an authorization server, oldest first, and a way to wait for one. */
export class OAuthLog {
  readonly #entries: OAuthRequest[] = [];
  #waiting: { matches: (one: OAuthRequest) => boolean; found: (one: OAuthRequest) => void }[] = [];

  add(entry: OAuthRequest): void {
    this.#entries.push(entry);
    const ready = this.#waiting.filter(({ matches }) => matches(entry));
    this.#waiting = this.#waiting.filter((one) => !ready.includes(one));
    for (const one of ready) one.found(entry);
  }

  get all(): readonly OAuthRequest[] {
    return this.#entries;
  }

  of(kind: OAuthRequest['kind']): readonly OAuthRequest[] {
    return this.#entries.filter((one) => one.kind === kind);
  }

  /** The token requests with this `grant_type`, or with any. */
  tokens(grantType?: 'authorization_code' | 'refresh_token'): readonly OAuthRequest[] {
    return this.of('token').filter((one) => (grantType ?? one.grantType) === one.grantType);
  }

  /** The first request that matches: one that is already there, or else the next one to come. */
  async until(matches: (one: OAuthRequest) => boolean): Promise<OAuthRequest> {
    const found = this.#entries.find(matches);
    return found ?? new Promise((resolve) => this.#waiting.push({ matches, found: resolve }));
  }

  clear(): void {
    this.#entries.length = 0;
  }
}
