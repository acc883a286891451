import type { Wire } from './run.ts';

/**
 * The scenarios for clients in which the bridge only passes on what a client and a server of one revision say, and how
 * many checks each makes. Those about sign-in are in `client-scenarios.ts`.
 */
export const passed: Readonly<Record<Wire, Readonly<Record<string, number>>>> = {
  '2025-11-25': {
    initialize: 1,
    tools_call: 2,
    'elicitation-sep1034-client-defaults': 5,
    'sse-retry': 3,
  },
  '2026-07-28': {
    tools_call: 2,
    'request-metadata': 8,
    'http-standard-headers': 9,
    'http-custom-headers': 18,
    'http-invalid-tool-headers': 12,
    'sep-2322-client-request-state': 5,
    'json-schema-ref-no-deref': 1,
    'json-schema-2020-12-preservation': 9,
  },
};
