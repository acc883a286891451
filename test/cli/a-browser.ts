import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { temporaryHome } from '../canary/home.ts';

/** What a started browser told of itself. */
export interface Opened {
  readonly args: string[];
  readonly variables: string[];
}

/**
 * A real program in the place of a browser: Node, loaded with a file that tells the test what it was started with. As
 * a whole command it is `file` with `args`; as a bare program it needs `environment`.
 */
export interface TestBrowser extends AsyncDisposable {
  readonly file: string;
  readonly args: string[];
  readonly environment: NodeJS.ProcessEnv;
  /** The next start, in the order of their starting. */
  opened(): Promise<Opened>;
}

export async function startBrowser(): Promise<TestBrowser> {
  const home = await temporaryHome();
  const told: Opened[] = [];
  const waiting: ((opened: Opened) => void)[] = [];
  const server = createServer({ allowHalfOpen: true }, async (socket) => {
    const opened = JSON.parse(await text(socket)) as Opened;
    socket.end();
    const first = waiting.shift();
    if (first) first(opened);
    else told.push(opened);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const script = join(home.path, 'browser.mjs');
  await writeFile(
    script,
    `import { connect } from 'node:net';
const socket = connect(${port}, '127.0.0.1');
socket.end(JSON.stringify({ args: process.argv.slice(2), variables: Object.keys(process.env) }));
await new Promise((resolve) => socket.on('close', resolve).resume());
process.exit(0);
`,
  );
  return {
    file: process.execPath,
    args: [script],
    environment: { ...process.env, NODE_OPTIONS: `--import=${pathToFileURL(script).href}` },
    opened: async () => {
      const first = told.shift();
      return first ?? new Promise((resolve) => waiting.push(resolve));
    },
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => server.close(resolve));
      await home[Symbol.asyncDispose]();
    },
  };
}
