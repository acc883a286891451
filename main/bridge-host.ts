import type { Log } from '#bridge/base/log.ts';
import type { Paths } from '#bridge/base/paths.ts';
import type { Redactor } from '#bridge/base/redactor.ts';
import { VERSION } from '#bridge/base/version.ts';
import { type Bridge, type BridgeOptions, createBridge } from '#bridge/bridge.ts';
import { type CallOptions, type ControlClient, clientOver } from '#bridge/control/client.ts';
import { Owner } from '#bridge/control/owner.ts';
import { readPassphraseFile, vaultKind } from '#bridge/vault/choice.ts';

export interface HostParts extends Required<Pick<BridgeOptions, 'keychain' | 'systemProxy' | 'program'>> {
  readonly paths: Paths;
  readonly environment: NodeJS.ProcessEnv;
  readonly redactor: Redactor;
  readonly log: Log;
}

/** The bridge as the desktop app has it: hosted in this process, or in another one that was first. */
export interface BridgeHost extends AsyncDisposable {
  /** Stays the same whoever the owner is. */
  readonly control: ControlClient;
  /** The bridge runs in this process, so it ends with it. */
  readonly isHosted: boolean;
  /** The computer woke up, or its network came back. */
  wake(): void;
  /** Ends the bridge of this process and finds or becomes the next owner. Nothing happens when it runs elsewhere. */
  restart(): Promise<void>;
}

/**
 * Attaches to the owner of the data folder, or becomes it.
 * @throws BridgeError when neither works, with nothing left open.
 */
export async function openBridgeHost(parts: HostParts): Promise<BridgeHost> {
  const { paths, environment, log } = parts;
  const leaving = new AbortController();
  let bridge: Bridge | undefined;

  async function start(): Promise<Bridge> {
    const vault = vaultKind(environment.GANGWAY_VAULT);
    const file = vault === 'passphrase' ? environment.GANGWAY_PASSPHRASE_FILE : undefined;
    bridge = await createBridge({
      paths,
      vault,
      // Without a file the vault waits for the window to open it.
      passphrase: file ? await readPassphraseFile(file) : undefined,
      keychain: parts.keychain,
      systemProxy: parts.systemProxy,
      http: true,
      redactor: parts.redactor,
      log,
      version: VERSION,
      program: parts.program,
    });
    log.info('bridge.hosted');
    return bridge;
  }

  const reachOwner = async (): Promise<Owner> => {
    const owner = new Owner({ paths, client: 'Gangway', start, signal: leaving.signal });
    try {
      await owner.reach();
      return owner;
    } catch (error) {
      await owner[Symbol.asyncDispose]();
      throw error;
    }
  };

  let owner = await reachOwner();
  let reaching: Promise<Owner> = Promise.resolve(owner);
  log.info('bridge.reached', { isHosted: owner.isHosted });

  return {
    control: clientOver({
      call: async (path, input, options) => procedureOf((await reaching).client, path)(input, options),
    }),
    get isHosted() {
      return owner.isHosted;
    },
    wake: () => {
      if (owner.isHosted) bridge?.wake();
    },
    restart: async () => {
      if (!owner.isHosted) return;
      const ending = owner;
      reaching = ending[Symbol.asyncDispose]().then(reachOwner);
      owner = await reaching;
      log.info('bridge.restarted', { isHosted: owner.isHosted });
    },
    [Symbol.asyncDispose]: async () => {
      leaving.abort();
      await (await reaching.catch(() => owner))[Symbol.asyncDispose]();
    },
  };
}

type Procedure = (input: unknown, options: CallOptions) => Promise<unknown>;

function procedureOf(client: ControlClient, path: readonly string[]): Procedure {
  return path.reduce<unknown>((part, name) => (part as Record<string, unknown>)[name], client) as Procedure;
}
