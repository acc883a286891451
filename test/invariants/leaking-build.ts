import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/*
 * LEAK=log,argv node --import ./test/invariants/leaking-build.ts bridge/cli/main.ts serve
 *
 * The product, changed while it is loaded so that it leaks in the ways LEAK names; without LEAK it is as it is. Each way
 * leaks only the key of the account with the same short name.
 */

/** How a build can leak. */
export type Way = 'log' | 'argv' | 'error' | 'ipc' | 'redirect';

export const ways: readonly Way[] = ['log', 'argv', 'error', 'ipc', 'redirect'];

/** One place in the product, and what stands there in a build that leaks. */
export interface Leakage {
  readonly way: Way;
  /** From the top of the repository. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly anchor: string;
  readonly instead: string;
}

export const leakages: readonly Leakage[] = [
  {
    way: 'log',
    file: 'bridge/base/log.ts',
    anchor: '(line) => options.redact(line)',
    instead: '(line) => line',
  },
  {
    way: 'log',
    file: 'bridge/bridge.ts',
    anchor: '      accounts: () => registry.snapshot,\n      authorizer,\n',
    instead: `      accounts: () => registry.snapshot,
      authorizer: {
        headers: async (account, signal) => {
          const sent = await authorizer.headers(account, signal);
          if (account.slug === 'log') log.info('request.sent', { request: JSON.stringify(sent) });
          return sent;
        },
        withoutSecrets: (account, text) => authorizer.withoutSecrets(account, text),
      },
`,
  },
  {
    way: 'argv',
    file: 'bridge/upstream/posting.ts',
    anchor: 'const { toolResponseHeadMs, responseHeadMs } = this.http.waits;',
    // Lives long enough to be seen in the list of processes.
    instead: `if (this.workspace.account.slug === 'argv' && method === 'tools/call') {
      const { execFileSync } = process.getBuiltinModule('node:child_process');
      execFileSync(process.execPath, ['-e', 'setTimeout(() => {}, 250)', String(headers.authorization)]);
    }
    const { toolResponseHeadMs, responseHeadMs } = this.http.waits;`,
  },
  {
    way: 'error',
    file: 'bridge/relay/cleaned.ts',
    anchor: 'if (text === message.text) return message;',
    instead: `if (text === message.text || workspace.account.slug === 'error') return message;`,
  },
  {
    way: 'ipc',
    file: 'bridge/credentials/authorizer.ts',
    anchor: 'const key = credential.key.reveal();',
    instead: `const key = credential.key.reveal();
      if (account.slug === 'ipc') Object.assign(globalThis, { leakedKey: key });`,
  },
  {
    way: 'ipc',
    file: 'bridge/accounts/registry.ts',
    anchor: '    ...account,\n    condition,\n',
    instead: `    ...account,
    ...(account.slug === 'ipc' && { label: String(globalThis.leakedKey) }),
    condition,
`,
  },
  {
    way: 'redirect',
    file: 'bridge/upstream/posting.ts',
    anchor: 'await this.http.askTwice(this.workspace, question, repeatable)',
    instead: `await this.http.askTwice(this.workspace, question, repeatable).then((first) => {
      const next = first.header('location');
      if (next === undefined || this.workspace.account.slug !== 'redirect') return first;
      first.body.destroy();
      return this.http.ask(this.workspace, { ...question, url: new URL(next) });
    })`,
  },
];

/** The source with the leak in it. @throws Error when the place is not there any more, or is there twice. */
export function leaking(source: string, { way, file, anchor, instead }: Leakage): string {
  const [before, after, ...more] = source.split(anchor);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`LEAK=${way} finds its place ${more.length > 0 ? 'twice' : 'nowhere'} in ${file}.`);
  }
  return `${before}${instead}${after}`;
}

/** Where the file of a leak is. */
export function fileOf({ file }: Leakage): URL {
  return new URL(`../../${file}`, import.meta.url);
}

const wanted = (process.env.LEAK ?? '').split(',');
const active = leakages.filter(({ way }) => wanted.includes(way));
if (active.length > 0) {
  // A leak whose file is never loaded would be none; what is loaded later is checked by its place now.
  for (const leakage of active) leaking(readFileSync(fileOf(leakage), 'utf8'), leakage);
  registerHooks({
    load: (url, context, next) => {
      const loaded = next(url, context);
      const here = active.filter((leakage) => fileOf(leakage).href === url);
      if (here.length === 0) return loaded;
      return { ...loaded, source: here.reduce(leaking, readFileSync(fileURLToPath(url), 'utf8')) };
    },
  });
}
