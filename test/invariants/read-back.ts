import { AccountRegistry } from '#bridge/accounts/registry.ts';
import { silentLog } from '#bridge/base/log.ts';
import type { Paths } from '#bridge/base/paths.ts';
import { ClientTokens } from '#bridge/clients/tokens.ts';
import { SettingsStore } from '#bridge/settings/store.ts';
import { broken } from './broken.ts';

/**
 * INV-5: what a bridge that has ended left in its folder is read by the next one, which finds nothing damaged. Reads with
 * the product's own readers; the folder must be one that is about to go.
 */
export async function readBack(paths: Pick<Paths, 'accounts' | 'settings' | 'clients'>): Promise<void> {
  const { accounts, settings, clients: path } = paths;
  try {
    const tokens = { path, log: silentLog, now: () => new Date(), learn: () => undefined };
    await using read = await ClientTokens.open(tokens);
    const stores = [
      await AccountRegistry.open(accounts, silentLog),
      await SettingsStore.open(settings, silentLog),
      read,
    ];
    for (const { setAside } of stores)
      if (setAside !== undefined) broken('INV-5', 'a store was damaged and set aside');
  } catch (error) {
    broken('INV-5', `a store cannot be read back: ${error instanceof Error ? error.message : String(error)}`);
  }
}
