import type { FileClient } from './known/client.ts';

/** What is left to the person when an entry went; how a client takes up a new one is no use then. */
export function effectOfRemoval({ name, takesEffect, effect }: FileClient): string {
  switch (takesEffect) {
    case 'at-once':
      return `Nothing else to do: ${name} reads its settings at once.`;
    case 'reload':
      return `${name} may list the server until it is restarted.`;
    case 'new-session':
      return `A new session of ${name} starts without it.`;
    case 'restart':
      return effect;
    default:
      return takesEffect satisfies never;
  }
}
