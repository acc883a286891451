import { useEffect, useState } from 'react';
import type { DesktopState } from '#contract/desktop.ts';
import type { DesktopClient } from './connection.ts';
import { useDesktop } from './gangway.tsx';

const RETRY_MS = 1000;

/** The desktop app around the window as it is now; undefined in a browser, and before it was heard of. */
export function useDesktopState(): DesktopState | undefined {
  const desktop = useDesktop();
  const [state, setState] = useState<DesktopState>();
  useEffect(() => {
    if (!desktop) return undefined;
    const leaving = new AbortController();
    // The first change is the whole state.
    void follow(desktop, leaving.signal, (changed) =>
      setState((before) => ({ ...before, ...changed }) as DesktopState),
    );
    return () => leaving.abort();
  }, [desktop]);
  return state;
}

async function follow(
  desktop: DesktopClient,
  signal: AbortSignal,
  take: (changed: object) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const changed of await desktop.watch(undefined, { signal })) {
        if (signal.aborted) return;
        take(changed);
      }
    } catch {
      // Whatever it was: the desktop app is asked again.
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
