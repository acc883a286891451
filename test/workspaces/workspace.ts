import type { Recorder } from './recorder.ts';

/** What every sample workspace hands to a test or to the demo. Disposing closes its port and all its connections. */
export interface Workspace extends AsyncDisposable {
  /** The MCP endpoint. */
  readonly url: string;
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly origin: string;
  /** Every HTTP request that arrived, newest last. */
  readonly requests: Recorder;
}
