import type { IncomingMessage, ServerResponse } from 'node:http';
import { allegroRecords } from './allegro-records.ts';
import { type AllegroUser, allegroServer, needsAdmin } from './allegro-server.ts';
import { type Arrival, answerJson, bearerOf, calledTools, readArrival } from './arrival.ts';
import { listen } from './listen.ts';
import { Recorder } from './recorder.ts';
import { SessionDoor } from './session-door.ts';
import type { Workspace } from './workspace.ts';

export interface AllegroOptions {
  /** Slug of the tenant; part of its records. */
  readonly tenant: string;
  readonly port?: number;
  readonly tokens: readonly AllegroToken[];
}

/** A Sanctum personal access token, `<id>|<40 or more characters>`, and whose it is. */
export interface AllegroToken extends AllegroUser {
  readonly token: string;
}

export interface AllegroWorkspace extends Workspace {
  readonly tenant: string;
  /** From now on every known session id gets a 404. */
  forgetSessions(): Promise<void>;
  /** Takes a token out of service: it gets a 401 from now on. */
  revoke(token: string): void;
  /** Gives a user another role, also in sessions that are open. */
  setRole(email: string, role: AllegroUser['role']): void;
}

const SANCTUM = /^\d+\|[A-Za-z0-9]{40,}$/;
const CHALLENGE = { 'www-authenticate': 'Bearer realm="mcp", error="invalid_token"' };

/**
 * Starts one Allegro tenant at `/mcp`: POST only, every request with a bearer token of this tenant; a write with a
 * member's token gets HTTP 403 as a whole.
 * @throws TypeError for a token of another shape than Sanctum's.
 */
export async function startAllegro(options: AllegroOptions): Promise<AllegroWorkspace> {
  const { tenant } = options;
  const users = new Map<string, { email: string; role: AllegroUser['role'] }>();
  for (const { token, email, role } of options.tokens) {
    if (!SANCTUM.test(token))
      throw new TypeError('A token of Allegro looks like <id>|<40 or more characters>.');
    users.set(token, { email, role });
  }
  const records = allegroRecords(tenant);
  const requests = new Recorder();
  const door = new SessionDoor<AllegroUser>({
    serverFor: (user) => allegroServer(records, user),
    nameOf: ({ email }) => email,
  });

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const arrival = await readArrival(request);
    const user = users.get(bearerOf(arrival) ?? '');
    requests.add(arrival, user === undefined ? {} : { principal: user.email, user: user.email });
    const refusal = refuse(arrival, user);
    if (refusal !== undefined) {
      answerJson(response, refusal.status, { message: refusal.message }, refusal.headers);
    } else if (user !== undefined) {
      await door.handle(arrival, user, request, response);
    }
  };
  const listening = await listen(handle, options.port);
  return {
    tenant,
    url: `${listening.origin}/mcp`,
    origin: listening.origin,
    requests,
    forgetSessions: () => door.forget(),
    revoke: (token) => {
      users.delete(token);
    },
    setRole(email, role) {
      for (const user of users.values()) if (user.email === email) user.role = role;
    },
    async [Symbol.asyncDispose]() {
      await door.forget();
      await listening[Symbol.asyncDispose]();
    },
  };
}

interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function refuse(arrival: Arrival, user: AllegroUser | undefined): Refusal | undefined {
  if (arrival.path !== '/mcp') return { status: 404, message: 'Not Found' };
  if (user === undefined) return { status: 401, message: 'Unauthenticated.', headers: CHALLENGE };
  if (arrival.method !== 'POST') {
    return { status: 405, message: 'Method Not Allowed', headers: { allow: 'POST' } };
  }
  if (user.role !== 'admin' && calledTools(arrival).some(needsAdmin)) {
    return { status: 403, message: 'Forbidden' };
  }
  return undefined;
}
