/** A record of any resource. */
export type PelcroRow = { id: string } & Record<string, unknown>;

/** What one site has, by resource. */
export type PelcroSite = Map<string, PelcroRow[]>;

/** How many of each there are; customers suffice to exceed the size limit of an answer. */
const DEFAULT_ROWS = 3;
const ROWS: Readonly<Record<string, number>> = { customer: 120, invoice: 12 };

/** Fresh records of one site. */
export function pelcroSite(account: string, site: string, resources: readonly string[]): PelcroSite {
  return new Map(
    resources.map((resource) => [
      resource,
      Array.from({ length: ROWS[resource] ?? DEFAULT_ROWS }, (_, index) => ({
        id: `${resource}_${index + 1}`,
        site_id: site,
        status: 'active',
        label: `${resource} ${index + 1} of ${account}`,
        ...(resource === 'customer' ? { email: `reader${index + 1}@${account}.example`, note: NOTE } : {}),
      })),
    ]),
  );
}

const NOTE = 'Reads mostly in the morning, answers letters, and once asked for larger print. '
  .repeat(4)
  .trim();
