/** A member of a tenant's audience. */
export interface AudienceMember {
  readonly id: string;
  name: string;
  readonly email: string;
  phone: string | null;
  readonly entitlements: { id: string; product: string; status: 'active' | 'revoked' }[];
  readonly purchases: readonly { readonly id: string; readonly offer: string; readonly amount: number }[];
  readonly events: readonly { readonly type: string; readonly at: string }[];
  readonly meta: Record<string, string>;
}

export interface Product {
  readonly id: string;
  name: string;
  description: string;
}

/** A page template. One that comes from GitHub cannot be changed here. */
export interface Template {
  readonly id: string;
  name: string;
  status: 'draft' | 'published';
  readonly source: 'editor' | 'github';
  html: string;
  css: string;
  js: string;
  readonly fields: readonly string[];
  readonly revisions: { note: string; at: string }[];
}

/** Everything one tenant has. */
export interface AllegroRecords {
  readonly tenant: string;
  readonly members: AudienceMember[];
  readonly products: Product[];
  readonly plans: readonly { readonly id: string; readonly product: string; readonly interval: string }[];
  readonly offers: readonly { readonly id: string; readonly plan: string; readonly price: number }[];
  readonly templates: Template[];
  readonly snippet: {
    content: string;
    updated_at: string;
    readonly revisions: { note: string; at: string }[];
  };
}

/** Made-up times advance by one minute per change, so that answers are the same on every run. */
const FIRST_DAY = Date.UTC(2026, 0, 5, 9);

/** ISO time of the n-th change. */
export function madeUpTime(change: number): string {
  return new Date(FIRST_DAY + change * 60_000).toISOString();
}

const FIRST_NAMES = [
  'Ada',
  'Boris',
  'Clara',
  'Dmitri',
  'Elif',
  'Farid',
  'Greta',
  'Hugo',
  'Ines',
  'Jonas',
  'Kaja',
];

/** Fresh records of one tenant: 11 members, 3 products, 6 templates of which one comes from GitHub. */
export function allegroRecords(tenant: string): AllegroRecords {
  const products = ['Morning letter', 'Archive', 'Town hall'].map((name, index) => ({
    id: `prod_${index + 1}`,
    name,
    description: `${name} of ${tenant}`,
  }));
  return {
    tenant,
    products,
    members: FIRST_NAMES.map((first, index) => ({
      id: `mem_${index + 1}`,
      name: `${first} of ${tenant}`,
      email: `${first.toLowerCase()}@${tenant}.example`,
      phone: null,
      entitlements: index % 3 === 0 ? [{ id: `ent_${index + 1}`, product: 'prod_1', status: 'active' }] : [],
      purchases: index % 2 === 0 ? [{ id: `pur_${index + 1}`, offer: 'off_1', amount: 900 }] : [],
      events: [{ type: 'signed_in', at: madeUpTime(index) }],
      meta: { origin: index % 2 === 0 ? 'form' : 'import' },
    })),
    plans: products.map(({ id }, index) => ({
      id: `plan_${index + 1}`,
      product: id,
      interval: index === 2 ? 'year' : 'month',
    })),
    offers: [
      { id: 'off_1', plan: 'plan_1', price: 900 },
      { id: 'off_2', plan: 'plan_3', price: 9000 },
    ],
    templates: ['Welcome', 'Paywall', 'Receipt', 'Goodbye', 'Login', 'Account'].map((name, index) => ({
      id: `tpl_${index + 1}`,
      name,
      status: index % 3 === 2 ? 'draft' : 'published',
      source: index === 1 ? 'github' : 'editor',
      html: `<main>${name}</main>`,
      css: 'main { margin: 1rem }',
      js: '',
      fields: ['headline'],
      revisions: [{ note: 'First version', at: madeUpTime(index) }],
    })),
    snippet: {
      content: `<script src="https://${tenant}.example/embed.js"></script>`,
      updated_at: madeUpTime(0),
      revisions: [{ note: 'First version', at: madeUpTime(0) }],
    },
  };
}
