import { type AnyContractRouter, isContractProcedure } from '@orpc/contract';
import { type AnyRouter, os, type Router } from '@orpc/server';
import { control } from '../contract/control.ts';
import { type ControlClient, procedureOf } from './client.ts';
import { outward } from './outward.ts';

/** The contract as something that can be served. */
export type ControlRouter = Router<typeof control, Record<never, never>>;

/**
 * The whole contract, served by calling a client of it: the owner in this process or in another one. Input and output
 * pass as they are, because the owner checks both; a guest's signal reaches the owner, and failures leave as `toWire`
 * has them.
 */
export function controlThrough(client: ControlClient): ControlRouter {
  return routerOf(control, client, []) as ControlRouter;
}

function routerOf(contract: AnyContractRouter, client: ControlClient, path: readonly string[]): AnyRouter {
  if (isContractProcedure(contract)) {
    return os.handler(({ input, signal }) =>
      outward(async () => procedureOf(client, path)(input, { context: {}, ...(signal ? { signal } : {}) })),
    );
  }
  return Object.fromEntries(
    Object.entries(contract).map(([name, part]) => [name, routerOf(part, client, [...path, name])]),
  );
}
