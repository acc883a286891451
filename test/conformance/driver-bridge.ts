import { openLog } from '#bridge/base/log.ts';
import { pathsFor } from '#bridge/base/paths.ts';
import { Redactor } from '#bridge/base/redactor.ts';
import { VERSION } from '#bridge/base/version.ts';
import { type Bridge, createBridge } from '#bridge/bridge.ts';

/** A bridge of a driver's own: everything is real but the keychain, and it says nothing. */
export function startDriverBridge(home: string): Promise<Bridge> {
  const redactor = new Redactor();
  const log = openLog({ level: 'silent', redact: (text) => redactor.clean(text) });
  const paths = pathsFor(home, {});
  return createBridge({ paths, vault: 'memory', http: true, redactor, log, version: VERSION });
}
