import { useDesktopState } from './desktop-state.ts';

/** True in the desktop app on macOS. A browser does not tell where the bridge runs. */
export function useIsMac(): boolean {
  return useDesktopState()?.platform === 'darwin';
}
