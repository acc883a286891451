/** What may be done with some things, by the words of their scopes. */
export interface ScopeGroup {
  /** `read`, `write` …; empty for scopes that are no pair of a verb and a thing. */
  readonly verb: string;
  readonly things: readonly string[];
}

const PAIR = /^([a-z]+):([\w.*-]+)$/i;
const BROAD = /^(delete|manage|admin)(:|$)|(^|:)(delete|manage|admin)$|^(write:)?\*$/i;

/** The scopes of a sign-in by what they allow, in the order in which they were named. */
export function scopeGroups(scope: string): ScopeGroup[] {
  const groups = new Map<string, string[]>();
  for (const one of words(scope)) {
    const [, verb = '', thing = one] = PAIR.exec(one) ?? [];
    const things = groups.get(verb) ?? [];
    groups.set(verb, [...things, thing]);
  }
  return [...groups].map(([verb, things]) => ({ verb, things }));
}

/** Those that allow more than most work needs: to delete, to manage, or everything. */
export function broadScopes(scope: string | undefined): string[] {
  return words(scope ?? '').filter((one) => BROAD.test(one));
}

function words(scope: string): string[] {
  return scope.split(/\s+/).filter((one) => one !== '');
}
