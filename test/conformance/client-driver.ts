import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { isRecord } from '#bridge/base/record.ts';
import type { ControlClient } from '#bridge/control/client.ts';
import type { NewAccount } from '#contract/control.ts';
import { type ErrorCode, trouble } from '#contract/errors.ts';
import { type Attempt, signInAsPerson } from './client-person.ts';
import type { Drive, Driver } from './driver.ts';
import { startDriverBridge } from './driver-bridge.ts';

/** The suites' client id metadata document. Nobody serves it; only its address matters. */
const CLIENT_METADATA = 'https://conformance-test.local/client-metadata.json';
/** A person who must sign in for the same call again and again gives up. */
const MOST_SIGN_INS = 2;
/** Scenarios whose server changes so early that it may turn away the sign-in; then the person tries once more. */
const STUBBORN: ReadonlySet<string> = new Set(['auth/authorization-server-migration']);

/** What happened. */
export interface SignInReport {
  /** How each sign-in ended: `done`, or `failed: ` and the code. */
  readonly signIns: string[];
  /** Kinds of the questions the person was asked. */
  readonly questions: string[];
  /** What each step of using MCP brought: `ok`, or what the client was told. */
  readonly calls: string[];
}

/**
 * The bridge as the OAuth client of the official suites: adds an account for the scenario's server to a bridge of its
 * own, signs it in as a person would, and uses it with a real MCP client at the bridge's HTTP door.
 */
export const signInDriver: Driver = async (drive) => {
  const report: SignInReport = { signIns: [], questions: [], calls: [] };
  await using bridge = await startDriverBridge(drive.home);
  const { control } = bridge;
  const { account } = await control.accounts.add(accountFor(drive));
  await using app = new App(control, account.slug);
  const isStubborn = STUBBORN.has(drive.scenario);
  let worked = false;
  while (report.signIns.length < MOST_SIGN_INS) {
    const attempt = await signInAsPerson(control, account.slug);
    report.signIns.push(endingOf(attempt));
    report.questions.push(...attempt.questions);
    if (attempt.state.step !== 'done') {
      if (isStubborn) continue;
      break;
    }
    const failed = await app.use(report);
    worked = failed === undefined;
    if (!failed?.asksForSignIn) break;
  }
  return { report, worked };
};

function accountFor({ url, scenario, context }: Drive): NewAccount {
  const registered =
    isRecord(context) && typeof context.client_id === 'string' && typeof context.client_secret === 'string'
      ? { clientId: context.client_id, clientSecret: context.client_secret }
      : {};
  return {
    connector: 'custom',
    label: 'conformance',
    url,
    signIn: 'oauth',
    ownNetwork: true,
    check: false,
    ...registered,
    ...(scenario === 'auth/basic-cimd' ? { clientMetadataUrl: CLIENT_METADATA } : {}),
  };
}

function endingOf({ state }: Attempt): string {
  return state.step === 'failed' ? `failed: ${state.code}` : state.step;
}

type Step = readonly [name: string, run: () => Promise<unknown>];

/** An AI app that stays connected to one account. */
class App implements AsyncDisposable {
  readonly #control: ControlClient;
  readonly #account: string;
  readonly #client = new Client(
    { name: 'conformance', version: '1.0.0' },
    { versionNegotiation: { mode: 'legacy' } },
  );
  #isConnected = false;

  constructor(control: ControlClient, account: string) {
    this.#control = control;
    this.#account = account;
  }

  /** Lists the tools and calls the only one, as the suites expect. @returns the first failure. */
  async use(report: SignInReport): Promise<{ asksForSignIn: boolean } | undefined> {
    const connecting: readonly Step[] = this.#isConnected ? [] : [['initialize', () => this.#connect()]];
    const steps: readonly Step[] = [
      ...connecting,
      ['tools/list', () => this.#client.listTools()],
      ['tools/call', () => this.#client.callTool({ name: 'test-tool', arguments: {} })],
    ];
    for (const [name, step] of steps) {
      const failed = await step().then(() => undefined, failureOf);
      report.calls.push(`${name}: ${failed?.said ?? 'ok'}`);
      if (failed) return failed;
    }
    return undefined;
  }

  async #connect(): Promise<void> {
    const { url, headers } = await this.#control.endpoint.mint({
      client: 'conformance',
      address: this.#account,
    });
    await this.#client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
    this.#isConnected = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
  }
}

/** What an app can tell of an error: the bridge's own word for it, and whether signing in would help. */
function failureOf(error: unknown): { said: string; asksForSignIn: boolean } {
  const { code, data } = isRecord(error) ? error : {};
  const facts = isRecord(data) ? data : {};
  const scope = typeof facts.scope === 'string' ? facts.scope : undefined;
  const own: ErrorCode | undefined = (Object.keys(trouble) as ErrorCode[]).find((one) => one === facts.code);
  return {
    said: [own ?? `error ${String(code)}`, ...(scope === undefined ? [] : [scope])].join(' '),
    asksForSignIn: own === 'sign-in-needed' || scope !== undefined,
  };
}
