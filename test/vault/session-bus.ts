import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { missingLine, missingPackages } from '../system/programs.ts';

const run = promisify(execFile);

/** Opens the test keyring; protects nothing. */
const KEYRING_PASSWORD = 'test keyring';

/** How a bus behaves; `refuses` lets nobody talk to the Secret Service, as a sandbox does. */
export type BusKind = 'open' | 'refuses';

/**
 * A D-Bus session bus of a test's own, with a throw-away home, on which nothing starts by itself. Needs no display and
 * touches no keychain of the person who runs the tests.
 * @throws Error naming the Debian packages when this machine lacks them.
 */
export async function startBus(kind: BusKind = 'open'): Promise<SessionBus> {
  const missing = missingPackages();
  if (missing.length > 0) throw new Error(missingLine(missing));
  const folder = await mkdtemp(join(tmpdir(), 'gangway-bus-'));
  for (const name of ['home', 'run']) mkdirSync(join(folder, name), { mode: 0o700 });
  const configuration = join(folder, 'bus.conf');
  writeFileSync(configuration, busConfiguration(join(folder, 'run', 'bus'), kind));
  const daemon = spawn(
    'dbus-daemon',
    [`--config-file=${configuration}`, '--nofork', '--nopidfile', '--nosyslog', '--print-address=1'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const failed = once(daemon, 'exit').then(() => Promise.reject(new Error('dbus-daemon did not start')));
  failed.catch(() => undefined);
  await Promise.race([once(daemon.stdout, 'data'), failed]);
  return new SessionBus(folder, daemon);
}

function busConfiguration(socket: string, kind: BusKind): string {
  const refusal = kind === 'refuses' ? '<deny send_destination="org.freedesktop.secrets"/>' : '';
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><keep_umask/><listen>unix:path=${socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
${refusal}</policy></busconfig>`;
}

/** The bus and, once started, the keyring daemon on it. */
export class SessionBus implements AsyncDisposable {
  readonly environment: NodeJS.ProcessEnv;
  readonly #folder: string;
  readonly #bus: ChildProcess;
  #keyring: ChildProcess | undefined;
  #prompts = 0;

  constructor(folder: string, bus: ChildProcess) {
    this.#folder = folder;
    this.#bus = bus;
    const runtime = join(folder, 'run');
    this.environment = {
      PATH: process.env.PATH,
      HOME: join(folder, 'home'),
      XDG_RUNTIME_DIR: runtime,
      DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(runtime, 'bus')}`,
    };
  }

  /** Starts the real gnome-keyring; without `unlock` it has no default collection until somebody signs in. */
  async startKeyring(how: 'unlocked' | 'no-collection' = 'unlocked'): Promise<void> {
    const unlock = how === 'unlocked' ? ['--unlock'] : [];
    this.#keyring = spawn('gnome-keyring-daemon', ['--foreground', '--components=secrets', ...unlock], {
      env: this.environment,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    // There is nothing here that could show a prompt, and the daemon says so each time it wants one.
    this.#keyring.stderr?.on('data', (bytes: Buffer) => {
      this.#prompts += bytes.toString().split("couldn't create system prompt").length - 1;
    });
    this.#keyring.stdin?.end(how === 'unlocked' ? KEYRING_PASSWORD : '');
    // `gdbus wait` returns when the name appears, and fails when it does not.
    await this.#gdbus('wait', '--timeout', '20', 'org.freedesktop.secrets');
  }

  /** How often the keyring wanted to ask the person something. */
  get prompts(): number {
    return this.#prompts;
  }

  async lock(): Promise<void> {
    await this.#service('Lock', '[objectpath "/org/freedesktop/secrets/collection/login"]');
  }

  /** What signing in does: hands the password to the daemon's control socket. */
  async unlock(): Promise<void> {
    const UNLOCK = 1;
    const password = Buffer.from(KEYRING_PASSWORD);
    const message = Buffer.alloc(1 + 12);
    message.writeUInt32BE(12 + password.length, 1);
    message.writeUInt32BE(UNLOCK, 5);
    message.writeUInt32BE(password.length, 9);
    const socket = connect(join(this.#folder, 'run', 'keyring', 'control'));
    socket.write(Buffer.concat([message, password]));
    const [reply] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    if (reply.readUInt32BE(4) !== 0) throw new Error('the keyring did not unlock');
  }

  /** Makes the daemon silent, as while it waits for somebody to type a password. */
  freeze(): void {
    this.#keyring?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#keyring?.kill('SIGCONT');
  }

  async stopKeyring(): Promise<void> {
    await end(this.#keyring);
    this.#keyring = undefined;
  }

  /** Deletes every entry of the service, as a person does in the keyring's own window. */
  async removeEntries(service: string): Promise<void> {
    await run('secret-tool', ['clear', 'service', service], { env: this.environment });
  }

  /** Puts something into the keychain as another program would. */
  async storeEntry(service: string, account: string, content: string): Promise<void> {
    const attributes = ['service', service, 'username', account];
    const storing = run('secret-tool', ['store', '--label=test', ...attributes], { env: this.environment });
    storing.child.stdin?.end(content);
    await storing;
  }

  /** Paths of the service's entries. */
  async entries(service: string): Promise<string[]> {
    const { stdout } = await this.#service('SearchItems', `{"service": "${service}"}`);
    return [...stdout.matchAll(/'(\/org\/freedesktop\/secrets\/collection\/[^']+)'/g)].map(
      ([, path]) => path!,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#keyring);
    await end(this.#bus);
    await rm(this.#folder, { recursive: true, force: true });
  }

  #service(method: string, argument: string) {
    const path = '/org/freedesktop/secrets';
    const call = `org.freedesktop.Secret.Service.${method}`;
    return this.#gdbus('call', '-d', 'org.freedesktop.secrets', '-o', path, '-m', call, argument);
  }

  #gdbus(verb: 'call' | 'wait', ...rest: string[]) {
    return run('gdbus', [verb, '--session', ...rest], { env: this.environment });
  }
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  const unwilling = setTimeout(() => child.kill('SIGKILL'), 2000);
  await ended;
  clearTimeout(unwilling);
}
