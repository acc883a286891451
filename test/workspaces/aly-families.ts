/** One tool of Aly: `<family>_<verb>`, with `-` written as `_`. `!` marks what changes something, `!!` what removes. */
export interface AlyFamily {
  readonly family: string;
  /** Scope of the tools that only look. */
  readonly reading: string;
  /** Scope of the tools that change something; the same as `reading` in families with one scope. */
  readonly writing: string;
  /** Scope of the tools that remove something, where it is not `writing`. */
  readonly removing?: string;
  readonly verbs: readonly string[];
  /** The family whose records its tools work on, where that is not its own. */
  readonly on?: string;
}

const read = (group: string) => `read:${group}`;
const write = (group: string) => `write:${group}`;
const manage = (group: string) => ({ reading: `manage:${group}`, writing: `manage:${group}` });
const both = (group: string) => ({ reading: read(group), writing: write(group) });

const CRUD = ['list', 'get', 'create!', 'update!', 'delete!!'];

/** 23 families, 80 tools. */
export const alyFamilies: readonly AlyFamily[] = [
  { family: 'a2a', reading: read('sites'), writing: write('sites'), verbs: ['list_tasks', 'get_task'] },
  {
    family: 'analytics',
    reading: read('analytics'),
    writing: read('analytics'),
    verbs: ['traffic', 'conversion', 'activity'],
  },
  { family: 'api-keys', ...manage('api_keys'), verbs: ['list', 'create!', 'revoke!!'] },
  { family: 'cms', ...both('content'), verbs: CRUD },
  { family: 'collections', ...both('content'), verbs: CRUD },
  {
    family: 'commerce-ops',
    reading: write('orders'),
    writing: write('orders'),
    verbs: ['fulfill!', 'return!', 'exchange!'],
    on: 'orders',
  },
  { family: 'content', ...both('content'), verbs: ['get', 'update!'] },
  { family: 'coupons', ...both('content'), verbs: ['list', 'create!', 'update!', 'delete!!'] },
  { family: 'customer-groups', ...both('customers'), verbs: ['list', 'create!', 'update!', 'delete!!'] },
  { family: 'customers', ...both('customers'), verbs: ['list', 'get', 'create!', 'update!'] },
  { family: 'domains', ...manage('domains'), verbs: ['list', 'attach!', 'verify!'] },
  { family: 'galleries', ...both('media'), verbs: ['list', 'create!', 'delete!!'] },
  { family: 'media', ...both('media'), verbs: ['list', 'get', 'upload!', 'delete!!'] },
  { family: 'memberships', ...both('content'), verbs: ['list', 'create!', 'subscribers'] },
  { family: 'orders', ...both('orders'), verbs: ['list', 'get', 'update!', 'cancel!!'] },
  { family: 'price-lists', ...both('content'), verbs: ['list', 'create!', 'update!'] },
  { family: 'products', ...both('content'), verbs: CRUD },
  { family: 'settings', ...manage('workspace'), verbs: ['get', 'update!'] },
  {
    family: 'sites',
    ...both('sites'),
    removing: 'delete:sites',
    verbs: ['list', 'get', 'create!', 'update!', 'publish!', 'delete!!'],
  },
  {
    family: 'ucp',
    reading: read('content'),
    writing: read('content'),
    verbs: ['catalog', 'quote', 'checkout!'],
    on: 'products',
  },
  { family: 'voice', ...manage('voice'), verbs: ['get', 'update!'] },
  {
    family: 'webhooks',
    ...both('sites'),
    verbs: ['list', 'create!', 'delete!!', 'deliveries'],
  },
  { family: 'workspace', ...manage('workspace'), verbs: ['get', 'update!', 'members'] },
];
