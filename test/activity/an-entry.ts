import type { NewActivity } from '#contract/activity.ts';

/** A call of a tool that went well, changed as asked. */
export function anEntry(change: Partial<NewActivity> = {}): NewActivity {
  return {
    at: '2026-11-21T10:00:00.000Z',
    client: 'Cursor',
    door: 'stdio',
    account: 'acc_aaaaaaaa',
    accountLabel: 'Acme',
    user: 'a@x.com',
    method: 'tools/call',
    target: 'list-products',
    outcome: 'ok',
    code: null,
    durationMs: 12.5,
    sentBytes: 120,
    receivedBytes: 4096,
    truncated: false,
    arguments: null,
    result: null,
    ...change,
  };
}
