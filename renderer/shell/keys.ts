import { useEffect } from 'react';

/** True on macOS, where shortcuts are pressed with ⌘. */
export function isMac(): boolean {
  return navigator.userAgent.includes('Mac');
}

/**
 * Runs something when its key is pressed together with Ctrl, or ⌘ on macOS, wherever the focus is; not over a dialog,
 * which has to be answered first.
 */
export function useShortcut(key: string, run: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isHeld = isMac() ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
      if (!isHeld || event.altKey || event.shiftKey || event.key.toLowerCase() !== key) return;
      event.preventDefault();
      if (!document.querySelector('.dialog, .palette')) run();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [key, run]);
}
