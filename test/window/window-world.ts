import type { System } from '#bridge/clients/known/client.ts';
import type { ControlClient } from '#bridge/control/client.ts';
import type { VaultKind } from '#bridge/vault/vault.ts';
import { canary } from '../canary/canary.ts';
import { startWorld, type World } from '../flows/world.ts';
import { type SampleKeys, type SampleWorkspaces, startAll } from '../workspaces/start-all.ts';

/** The bridge behind a window, in a throw-away home, and workspaces to add. */
export interface WindowWorld extends World {
  /** The contract, as the window calls it. */
  readonly control: ControlClient;
  /** The sample workspaces; started at the first call. */
  workspaces(): Promise<SampleWorkspaces>;
  /** Ends it with this world, such as a workspace that only one seed needs. */
  use<Guest extends AsyncDisposable>(guest: Guest): Guest;
}

/** Sample workspaces that are started when somebody first asks for them. */
export interface LazyWorkspaces extends AsyncDisposable {
  get(): Promise<SampleWorkspaces>;
}

export function lazyWorkspaces(): LazyWorkspaces {
  let running: Promise<SampleWorkspaces> | undefined;
  return {
    get: () => {
      running ??= startAll({ keys: plantedKeys() });
      return running;
    },
    [Symbol.asyncDispose]: async () => (await running)?.[Symbol.asyncDispose](),
  };
}

export interface WindowWorldOptions {
  /** `memory` when absent. */
  readonly vault?: VaultKind | undefined;
  /** Of the computer whose apps are set up; Linux when absent. */
  readonly platform?: System['platform'] | undefined;
  /** Gangway is a command with its shim beside it; else it runs from its source. */
  readonly isInstalled?: boolean | undefined;
  /** Workspaces that other worlds use too; a set of its own when absent. */
  readonly workspaces?: LazyWorkspaces | undefined;
}

export async function startWindowWorld(options: WindowWorldOptions = {}): Promise<WindowWorld> {
  await using starting = new AsyncDisposableStack();
  const workspaces = options.workspaces ?? starting.use(lazyWorkspaces());
  const guests = starting.use(new AsyncDisposableStack());
  const world = starting.use(await startWorld({ ...options, vault: options.vault ?? 'memory' }));
  const running = starting.move();
  return {
    ...world,
    control: world.bridge.control,
    workspaces: () => workspaces.get(),
    use: (guest) => guests.use(guest),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Keys the scan looks for, wherever a window, a log or a file might show them. */
function plantedKeys(): SampleKeys {
  return {
    acmeMember: canary('sanctum'),
    acmeAdmin: canary('sanctum'),
    globexAdmin: canary('sanctum'),
    pelcroHerald: canary('bearer'),
    pelcroGazette: canary('bearer'),
    pelcroStaging: canary('bearer'),
    allv: canary('allv'),
    alyOwner: canary('aly'),
    alyReader: canary('aly'),
    borealis: canary('bearer'),
    meridian: canary('bearer'),
  };
}
