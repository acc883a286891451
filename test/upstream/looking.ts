import { proxyChoice } from '#bridge/base/network.ts';
import { WorkspaceLooks, type WorkspaceLooksOptions } from '#bridge/workspace-look.ts';
import type { WorkspaceLook } from '#contract/control.ts';
import { collect } from '../canary/collect.ts';

type Typed = Parameters<WorkspaceLooks['look']>[0];

/** Looks at what was typed, with connections of its own and without any proxy. */
export async function look(
  typed: Partial<Typed>,
  options: Partial<WorkspaceLooksOptions> = {},
): Promise<WorkspaceLook> {
  await using looks = new WorkspaceLooks({
    proxy: proxyChoice({ setting: () => ({ mode: 'none' }) }),
    version: '0.1.0',
    http: { pause: async () => undefined },
    ...options,
  });
  const seen = await looks.look({ ownNetwork: false, ...typed }, new AbortController().signal);
  collect('a look', JSON.stringify(seen));
  return seen;
}

/** The checks as `name state`, without their sentences. */
export function statesOf({ checks }: WorkspaceLook): string[] {
  return checks.map(({ name, state }) => `${name} ${state}`);
}

/** The states when everything works up to a check, which fails. */
export function failedAt(failed: WorkspaceLook['checks'][number]['name']): string[] {
  const order = ['address', 'reachable', 'certificate', 'protocol', 'sign-in'];
  const at = order.indexOf(failed);
  return order.map((name, index) => `${name} ${index < at ? 'ok' : index === at ? 'failed' : 'skipped'}`);
}

/** The sentence of one check. */
export function textOf({ checks }: WorkspaceLook, name: WorkspaceLook['checks'][number]['name']): string {
  return checks.find((check) => check.name === name)?.text ?? '';
}

/** Headers that prove who somebody is, in any of these requests. */
export function proofsIn(
  requests: readonly { readonly headers: Readonly<Record<string, unknown>> }[],
): string[] {
  return requests.flatMap(({ headers }) =>
    Object.keys(headers).filter((name) =>
      /authorization|cookie|key|token|secret|user-(id|email)/i.test(name),
    ),
  );
}
