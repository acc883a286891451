import { accounts } from './accounts.ts';
import type { ClientPlan } from './records.ts';

/** Half by each door, half in each era, two thirds following, the others pinned; each combination about as often. */
export function plansOf(count: number): ClientPlan[] {
  const pinned = accounts.map(({ id }) => id);
  const following = ['current', 'custom', 'current', 'allv', 'current', 'pelcro'];
  return Array.from({ length: count }, (_, number) => {
    const turn = Math.floor(number / 4);
    const address =
      turn % 2 === 0
        ? following[Math.floor(turn / 2) % following.length]
        : pinned[(number * 3 + turn) % pinned.length];
    return {
      number,
      door: number % 2 === 0 ? 'stdio' : 'http',
      era: number % 4 < 2 ? 'legacy' : 'modern',
      address: address ?? 'current',
      listens: number % 8 < 5,
    };
  });
}
