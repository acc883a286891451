import { limits } from '../base/limits.ts';

/** What becomes of a conversation: it goes on, it lets its workspace sessions go, or it ends. */
export type Rest = 'awake' | 'asleep' | 'over';

/** What is known of a conversation's use. */
export interface Use {
  readonly door: 'stdio' | 'http';
  /** A request runs, or a standing stream is open. */
  readonly isBusy: boolean;
  readonly quietMs: number;
}

/**
 * Over stdio the connection ends a conversation. Over HTTP many clients never say goodbye (MCP 2025-11-25, transports:
 * DELETE is a SHOULD), so a conversation that is quiet lets its workspace sessions go, which its next request opens
 * again, and ends after a day; a client that comes back later is told 404 and shakes hands anew, or notices nothing where
 * there are no handshakes.
 */
export function restOf({ door, isBusy, quietMs }: Use): Rest {
  if (door === 'stdio' || isBusy || quietMs < limits.sessionQuietMs) return 'awake';
  return quietMs < limits.sessionEndMs ? 'asleep' : 'over';
}
