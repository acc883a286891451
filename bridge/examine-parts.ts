import type { Accounts } from './accounts/accounts.ts';
import type { Log } from './base/log.ts';
import { proxyChoice } from './base/network.ts';
import type { Paths } from './base/paths.ts';
import type { ClientSetups } from './clients/setups.ts';
import type { Account } from './contract/account.ts';
import type { DoctorReport } from './contract/doctor.ts';
import { examine } from './doctor/examine.ts';
import type { HttpDoor } from './downstream/http.ts';
import type { SettingsStore } from './settings/store.ts';
import type { Vault } from './vault/vault.ts';

export interface ExaminationParts {
  /** How the bridge was started (`bridge.ts`). */
  readonly options: {
    readonly paths: Paths;
    readonly version: string;
    readonly http: boolean;
    readonly port?: number | undefined;
    readonly systemProxy?: ((url: string) => Promise<string | undefined>) | undefined;
    readonly log: Log;
  };
  readonly settings: SettingsStore;
  readonly vault: Vault;
  /** Resolves when the vault was opened, or could not be. */
  readonly opening: Promise<void>;
  readonly accounts: Accounts;
  readonly check: (account: Account, signal: AbortSignal) => Promise<unknown>;
  readonly setups: ClientSetups;
  /** The HTTP door as it is now. */
  readonly door: () => HttpDoor | undefined;
}

/** The look at everything, over the parts of this bridge. */
export function examination(parts: ExaminationParts): (signal: AbortSignal) => Promise<DoctorReport> {
  const { options, settings, vault, opening, accounts, check, setups, door } = parts;
  const { paths, version, log } = options;
  return (signal) =>
    examine(
      {
        version,
        paths,
        settings: () => settings.current,
        door: () => ({
          url: door()?.url,
          isWanted: settings.current.http,
          isOpenedHere: options.http,
          port: options.port ?? settings.current.port,
        }),
        vault,
        opening,
        accounts: () => accounts.list(),
        check,
        proxy: proxyChoice({ setting: () => settings.current.proxy, system: options.systemProxy }),
        clients: () => setups.look(),
        log,
      },
      signal,
    );
}
