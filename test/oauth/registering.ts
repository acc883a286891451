import { expect, onTestFinished } from 'vitest';
import type { OAuthClient } from '#bridge/oauth/client.ts';
import { OAuthHttp } from '#bridge/oauth/http.ts';
import { register } from '#bridge/oauth/registration.ts';
import { OAuthTrouble } from '#bridge/oauth/trouble.ts';
import { type Answer, type HostileServer, json, PATHS, startHostile } from './hostile.ts';

export const PORTS = [4711, 4712];
export const WITH_PORTS = ['http://127.0.0.1:4711/callback', 'http://127.0.0.1:4712/callback'];
export const PORTLESS = 'http://127.0.0.1/callback';
export const NOW = Date.UTC(2026, 0, 1);
export const never: AbortSignal = new AbortController().signal;

/** A server, and a registration at it. */
export interface Registering {
  readonly server: HostileServer;
  /** What was asked for, in order. */
  asked(): Record<string, unknown>[];
  run(authentications?: readonly string[]): Promise<OAuthClient>;
  refusal(authentications?: readonly string[]): Promise<OAuthTrouble>;
}

const http = new OAuthHttp();
export const fetch = http.fetch('loopback', 5_000);

/** A server whose registration endpoint gives these answers in turn, the last one for ever. */
export async function registering(...answers: Answer[]): Promise<Registering> {
  const server = await startHostile();
  onTestFinished(() => server[Symbol.asyncDispose]());
  let turn = 0;
  if (answers.length > 0) {
    server.on(PATHS.register, async (seen, response, request) => {
      const answer = answers[Math.min(turn, answers.length - 1)];
      turn += 1;
      if (typeof answer === 'function') await answer(seen, response, request);
      else json(response, answer, 201);
    });
  }
  const run = (authentications: readonly string[] = ['none']): Promise<OAuthClient> =>
    register(
      {
        server: {
          issuer: server.origin,
          registrationEndpoint: `${server.origin}${PATHS.register}`,
          authentications,
        },
        ports: PORTS,
        bounds: 'loopback',
        clientName: 'Gangway',
        version: '1.2.3',
      },
      fetch,
      never,
      () => NOW,
    );
  return {
    server,
    run,
    asked: () => server.asked(PATHS.register).map(({ body }) => JSON.parse(body) as Record<string, unknown>),
    refusal: async (authentications) => {
      const outcome: unknown = await run(authentications).catch((error: unknown) => error);
      if (!(outcome instanceof OAuthTrouble)) throw new Error('It was not refused.');
      expect(outcome.message.length).toBeLessThanOrEqual(300);
      return outcome;
    },
  };
}
