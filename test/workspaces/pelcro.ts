import type { IncomingMessage, ServerResponse } from 'node:http';
import { Server } from '@modelcontextprotocol/server';
import { answerJson, readArrival } from './arrival.ts';
import { listen } from './listen.ts';
import type { PelcroAccess, PelcroAccount } from './pelcro-access.ts';
import { type PelcroSite, pelcroSite } from './pelcro-records.ts';
import { pelcroResources } from './pelcro-table.ts';
import { apiErrorResult, newTool, PelcroApiError, type PelcroSeat, pelcroTools } from './pelcro-tools.ts';
import { Recorder } from './recorder.ts';
import { SessionDoor } from './session-door.ts';
import type { StandingStreams } from './standing-streams.ts';
import { serveTools } from './tool-table.ts';
import type { Workspace } from './workspace.ts';

export interface PelcroOptions {
  readonly port?: number;
  /** `production` when absent. */
  readonly environment?: 'production' | 'staging';
  /** For example `tokenAccess([...])`; sign-in in the browser is `startPelcroWithOAuth`. */
  readonly access: PelcroAccess;
}

export interface PelcroWorkspace extends Workspace {
  readonly environment: 'production' | 'staging';
  /** GET streams; wait for one before expecting a notification to arrive. */
  readonly streams: StandingStreams;
  /**
   * Adds `pause_subscription` and takes `cancel_refunds` away, then announces the change. With `announce: false` nobody
   * is told, as happens to clients that were not connected.
   */
  changeTools(how?: { readonly announce: boolean }): Promise<void>;
  /** The next tool calls get this failure of the API behind the tools, as a result. */
  failApi(status: 400 | 401 | 404 | 500, times?: number): void;
  /** From now on every known session id gets a 404. */
  forgetSessions(): Promise<void>;
}

/**
 * Starts Pelcro at the root path: one URL for all accounts, the token decides which one; sessions with event streams
 * and a standing stream; about a hundred tools. `GET /health` needs no token.
 */
export async function startPelcro(options: PelcroOptions): Promise<PelcroWorkspace> {
  const { access, environment = 'production' } = options;
  const requests = new Recorder();
  const records = new Map<string, ReadonlyMap<string, PelcroSite>>();
  let tools = pelcroTools;
  const failures: PelcroApiError[] = [];

  const serverFor = (account: PelcroAccount) => {
    const server = new Server(
      { name: environment === 'staging' ? 'pelcro-staging' : 'pelcro', version: '1.2.1' },
      { capabilities: { tools: { listChanged: true } } },
    );
    let sites = records.get(account.id);
    if (sites === undefined) {
      sites = sitesOf(account);
      records.set(account.id, sites);
    }
    const seat: PelcroSeat = { account, environment, sites, apiFailure: () => failures.shift() };
    serveTools(server, {
      tools: () => tools,
      seat,
      onBadArguments: ({ message }) => apiErrorResult(new PelcroApiError(400, message)),
    });
    return server;
  };
  const door = new SessionDoor<PelcroAccount>({ serverFor, nameOf: ({ id }) => id });

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const arrival = await readArrival(request);
    const account = access.accountOf(arrival, listening.origin);
    requests.add(arrival, account === undefined ? {} : { principal: account.id });
    const document = access.documents(listening.origin)[arrival.path];
    if (document !== undefined && arrival.method === 'GET') {
      answerJson(response, 200, document);
    } else if (arrival.path === '/health' && arrival.method === 'GET') {
      const short = environment === 'staging' ? 'stg' : 'prd';
      answerJson(response, 200, { status: 'ok', version: '1.2.1', environment: short });
    } else if (arrival.path !== '/') {
      answerJson(response, 404, { error: 'not_found' });
    } else if (account === undefined) {
      answerJson(
        response,
        401,
        { error: 'invalid_token' },
        {
          'www-authenticate': access.challenge(listening.origin),
        },
      );
    } else {
      await door.handle(arrival, account, request, response);
    }
  };
  const listening = await listen(handle, options.port);
  return {
    environment,
    url: `${listening.origin}/`,
    origin: listening.origin,
    requests,
    streams: door.streams,
    async changeTools({ announce } = { announce: true }) {
      tools = [...tools.filter(({ name }) => name !== 'cancel_refunds' && name !== newTool.name), newTool];
      if (announce) await door.each((server) => server.sendToolListChanged());
    },
    failApi(status, times = 1) {
      for (let left = times; left > 0; left -= 1)
        failures.push(new PelcroApiError(status, API_MESSAGES[status]));
    },
    forgetSessions: () => door.forget(),
    async [Symbol.asyncDispose]() {
      await door.forget();
      await listening[Symbol.asyncDispose]();
    },
  };
}

const API_MESSAGES = {
  400: 'The request cannot be understood.',
  401: 'The token is not accepted any more.',
  404: 'There is no such record.',
  500: 'Something went wrong.',
} as const;

function sitesOf(account: PelcroAccount): ReadonlyMap<string, PelcroSite> {
  const resources = pelcroResources.map(({ one }) => one);
  return new Map(account.sites.map((site) => [site, pelcroSite(account.id, site, resources)]));
}
