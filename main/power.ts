import { powerMonitor } from 'electron';

/** Who wants to know that the computer woke up, and that it is about to end. */
export interface PowerListener {
  /**
   * The computer woke up, or the person is back at it: connections may be dead, and the keychain, which often opens
   * only with the screen, may be open again. Comes once for each, so whoever hears it must not mind hearing it twice.
   */
  wake(): void;
  /** The system shuts down or restarts; seconds are left. Electron tells this on macOS and Linux only. */
  stopping(): void;
}

/** Follows the power of the computer until it is disposed. */
export function followPower(listener: PowerListener): Disposable {
  const onWake = (): void => listener.wake();
  const onShutdown = (): void => listener.stopping();
  powerMonitor.on('resume', onWake);
  powerMonitor.on('unlock-screen', onWake);
  powerMonitor.on('shutdown', onShutdown);
  return {
    [Symbol.dispose]: () => {
      powerMonitor.off('resume', onWake);
      powerMonitor.off('unlock-screen', onWake);
      powerMonitor.off('shutdown', onShutdown);
    },
  };
}
