import type { SignInReport } from './client-driver.ts';
import type { SuiteVersion, Wire } from './run.ts';

/** One group of scenarios: a suite, the revision its servers speak, and what is and is not run of it. */
export interface ScenarioGroup {
  /** Completes the sentence "the bridge as the OAuth client of …". */
  readonly title: string;
  readonly version: SuiteVersion;
  readonly wire: Wire;
  /** Counts every scenario that this revision requires; all that the suite knows when absent. */
  readonly requiredBy?: Wire;
  /** Names without `auth/`, and what then happens to the driver. */
  readonly run: Readonly<Record<string, Ending>>;
  /** Names without `auth/` of those that are not run, and why. Together the two are all there are. */
  readonly left: Readonly<Record<string, string>>;
}

export interface Ending {
  readonly exit: number;
  readonly report: SignInReport;
}

const CALLS = ['initialize: ok', 'tools/list: ok', 'tools/call: ok'];

/** Without `signIns`, one that succeeds; without `questions`, none. */
function ending(exit: number, report: Partial<SignInReport>): Ending {
  return { exit, report: { signIns: ['done'], questions: [], calls: [], ...report } };
}

const used = ending(0, { calls: CALLS });
const usedAfterLegacy = ending(0, { questions: ['legacy'], calls: CALLS });
const refused = ending(1, { signIns: ['failed: refused'] });
const steppedUp = (scope: string): Ending =>
  ending(0, {
    signIns: ['done', 'done'],
    calls: [
      'initialize: ok',
      'tools/list: ok',
      `tools/call: refused ${scope}`,
      'tools/list: ok',
      'tools/call: ok',
    ],
  });
/** The server refuses three requests with a token, of which each sign-in's own check is one, and says 410 to the fourth. */
const gaveUp = ending(1, {
  signIns: ['done', 'done'],
  calls: ['initialize: ok', 'tools/list: refused mcp:admin', 'tools/list: bad-answer'],
});
const moved = ending(0, {
  signIns: ['done', 'done'],
  questions: ['moved'],
  calls: ['initialize: ok', 'tools/list: sign-in-needed', 'tools/list: ok', 'tools/call: ok'],
});
/** The server moves after the first request with a token, in the middle of the first sign-in's own check. */
const usedAfterMove = ending(0, { signIns: ['failed: refused', 'done'], calls: CALLS });

/** Scenarios of both suites in which everything goes well. */
const plain = [
  'metadata-default',
  'metadata-var1',
  'metadata-var2',
  'metadata-var3',
  'basic-cimd',
  'scope-from-www-authenticate',
  'scope-from-scopes-supported',
  'scope-omitted-when-undefined',
  'token-endpoint-auth-basic',
  'token-endpoint-auth-post',
  'token-endpoint-auth-none',
  'pre-registration',
] as const;
const offline = ['offline-access-scope', 'offline-access-not-supported'] as const;
const goodIssuer = ['iss-supported', 'iss-not-advertised'] as const;
const badIssuer = [
  'iss-supported-missing',
  'iss-wrong-issuer',
  'iss-unexpected',
  'iss-normalized',
  'metadata-issuer-mismatch',
] as const;
const extensions = [
  'client-credentials-jwt',
  'client-credentials-basic',
  'enterprise-managed-authorization',
  'dpop',
  'dpop-nonce',
  'wif-jwt-bearer',
] as const;

const EXTENSION = 'An extension of MCP that the bridge does not offer; no revision requires it.';

function each<Value>(names: readonly string[], value: Value): Record<string, Value> {
  return Object.fromEntries(names.map((name) => [name, value]));
}

export const groups: readonly ScenarioGroup[] = [
  {
    title: '0.1.16',
    version: '0.1',
    wire: '2025-11-25',
    run: {
      ...each([...plain, ...offline], used),
      'scope-step-up': steppedUp('mcp:basic mcp:write'),
      'scope-retry-limit': gaveUp,
      'resource-mismatch': refused,
      '2025-03-26-oauth-endpoint-fallback': usedAfterLegacy,
    },
    left: {
      '2025-03-26-oauth-metadata-backcompat':
        'Its metadata names another issuer than the one it is found at, which RFC 8414 section 3.3 forbids to use; corrected in 0.2.',
      ...each(['client-credentials-jwt', 'client-credentials-basic'], EXTENSION),
      'cross-app-access-complete-flow': EXTENSION,
    },
  },
  {
    title: '0.2.0-alpha.12 at 2025-11-25',
    version: '0.2',
    wire: '2025-11-25',
    run: {
      ...each([...plain, ...offline, ...goodIssuer], used),
      ...each([...badIssuer, 'resource-mismatch'], refused),
      ...each(
        ['2025-03-26-oauth-metadata-backcompat', '2025-03-26-oauth-endpoint-fallback'],
        usedAfterLegacy,
      ),
      'scope-step-up': steppedUp('mcp:write'),
      'scope-retry-limit': gaveUp,
      'authorization-server-migration': moved,
    },
    left: each(extensions, EXTENSION),
  },
  {
    title: '0.2.0-alpha.12 at 2026-07-28, as that revision requires',
    version: '0.2',
    wire: '2026-07-28',
    requiredBy: '2026-07-28',
    run: {
      ...each([...plain, ...offline, ...goodIssuer], used),
      ...each([...badIssuer, 'resource-mismatch'], refused),
      'scope-step-up': steppedUp('mcp:write'),
      'scope-retry-limit': gaveUp,
      'authorization-server-migration': usedAfterMove,
    },
    left: each(extensions, EXTENSION),
  },
];
