import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** `nobody`, on every Linux: a real user who may do nothing special. */
export const OTHER = 65534;

/** Only root can act as another user. */
export const canBeAnother: boolean = process.platform === 'linux' && process.getuid?.() === 0;

if (!canBeAnother) {
  process.stderr.write(
    'Not tested: what another user of this computer can reach. Run it as root on Linux.\n',
  );
}

/** A program of another user that goes on running; its stdin ends it. */
export interface Theirs extends AsyncDisposable {
  /** The next line it says, as JSON. */
  says(): Promise<unknown>;
}

function speaking(child: ChildProcessWithoutNullStreams): Theirs {
  child.stderr.pipe(process.stderr, { end: false });
  const closed = once(child, 'close');
  const lines = child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false });
  let text = '';
  return {
    says: async () => {
      while (!text.includes('\n')) {
        const { done, value } = (await lines.next()) as IteratorResult<string, undefined>;
        if (done) throw new Error('The program of the other user has ended.');
        text += value;
      }
      const end = text.indexOf('\n');
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      return JSON.parse(line) as unknown;
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await closed;
    },
  };
}

/** Runs a program, CommonJS, as another user. */
export function asAnother(program: string): Theirs {
  const own = { uid: OTHER, gid: OTHER, cwd: '/', env: { PATH: process.env.PATH } };
  return speaking(spawn(process.execPath, ['-e', program], own));
}

/** Starts the bridge of another user in a folder that is theirs. */
export function bridgeOfAnother(home: string): Theirs {
  const program = fileURLToPath(new URL('./second-owner.ts', import.meta.url));
  return speaking(
    spawn(process.execPath, [program, String(OTHER), home], { env: { PATH: process.env.PATH } }),
  );
}

/** What a server of another user heard. */
export interface Heard {
  readonly bytes: number;
  readonly token: boolean;
}

/** A server of another user at paths or ports. `prepare` runs before it listens. */
export function squat(places: readonly object[], prepare = ''): Theirs & { heard(): Promise<Heard> } {
  const own = { uid: OTHER, gid: OTHER, cwd: '/', env: { PATH: process.env.PATH } };
  const child = spawn(
    process.execPath,
    [
      '-e',
      `const { createServer } = require('node:net');
      const say = (what) => process.stdout.write(JSON.stringify(what) + '\\n');
      let heard = '';
      ${prepare}
      const all = ${JSON.stringify(places)}.map((place) => new Promise((resolve) => {
        const server = createServer((socket) => {
          socket.on('error', () => undefined);
          socket.on('data', (bytes) => { heard += bytes.toString('latin1'); socket.end(); });
        });
        server.listen(place, resolve);
      }));
      Promise.all(all).then(() => say('listening'));
      process.stdin.on('data', () => say({ bytes: heard.length, token: /^Authorization: Bearer ./m.test(heard) }));
      process.stdin.on('end', () => process.exit());`,
    ],
    own,
  );
  const speaker = speaking(child);
  return {
    ...speaker,
    heard: async () => {
      child.stdin.write('?');
      return (await speaker.says()) as Heard;
    },
  };
}
