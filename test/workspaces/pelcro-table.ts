import * as z from 'zod';

/** What one tool does to one record. */
export type PelcroVerb = 'list' | 'get' | 'create' | 'update' | 'delete';

/** A tool that fits no verb: it reads, or it sets some fields of one record. */
export interface PelcroAction {
  readonly name: string;
  readonly does: string;
  readonly kind: 'read' | 'write' | 'destroy';
  /** True when it works on the whole list and takes no id. */
  readonly whole?: true;
  readonly takes?: z.ZodRawShape;
  /** The fields it sets, besides those it takes. */
  readonly sets?: Readonly<Record<string, string | number | boolean>>;
}

/** One resource of the Core API, as its tools name it. */
export interface PelcroResource {
  readonly one: string;
  readonly many: string;
  readonly verbs: readonly PelcroVerb[];
  /** What a caller may write. All optional on update. */
  readonly fields: z.ZodRawShape;
  readonly actions?: readonly PelcroAction[];
}

const ALL: readonly PelcroVerb[] = ['list', 'get', 'create', 'update', 'delete'];
const NO_DELETE: readonly PelcroVerb[] = ['list', 'get', 'create', 'update'];

const text = z.string().min(1).max(500);
const cents = z.number().int().min(0);
const customer_id = z.string();

export const pelcroResources: readonly PelcroResource[] = [
  {
    one: 'address',
    many: 'addresses',
    verbs: ALL,
    fields: { customer_id, line1: text, city: text, country: text },
  },
  {
    one: 'bill',
    many: 'bills',
    verbs: ALL,
    fields: { vendor_id: z.string(), amount: cents, due: text },
    actions: [
      { name: 'finalize_bill', does: 'Finalizes a bill.', kind: 'write', sets: { status: 'open' } },
      { name: 'mark_bill_as_paid', does: 'Marks a bill as paid.', kind: 'write', sets: { status: 'paid' } },
      { name: 'export_bills', does: 'Exports the bills.', kind: 'read', whole: true },
    ],
  },
  {
    one: 'charge',
    many: 'charges',
    verbs: ['list', 'get'],
    fields: {},
    actions: [
      {
        name: 'create_offline_charge',
        does: 'Records a charge that was paid elsewhere.',
        kind: 'write',
        whole: true,
        takes: { customer_id, amount: cents },
        sets: { status: 'succeeded' },
      },
    ],
  },
  {
    one: 'coupon',
    many: 'coupons',
    verbs: ALL,
    fields: { code: text, percent_off: z.number().min(1).max(100) },
  },
  {
    one: 'customer',
    many: 'customers',
    verbs: ALL,
    fields: { email: text, first_name: text, last_name: text },
    actions: [
      {
        name: 'credit_from_payment_method',
        does: "Adds to a customer's balance from a payment method.",
        kind: 'write',
        takes: { payment_method_id: z.string(), amount: cents },
      },
      {
        name: 'delete_customer_metadata',
        does: "Removes a customer's metadata.",
        kind: 'destroy',
        sets: { metadata: '' },
      },
    ],
  },
  {
    one: 'order',
    many: 'orders',
    verbs: NO_DELETE,
    fields: { customer_id, sku_id: z.string(), quantity: cents },
  },
  {
    one: 'ecommerce_product',
    many: 'ecommerce_products',
    verbs: ALL,
    fields: { name: text, description: text },
  },
  {
    one: 'ecommerce_sku',
    many: 'ecommerce_skus',
    verbs: ALL,
    fields: { product_id: z.string(), price: cents },
  },
  {
    one: 'export',
    many: 'exports',
    verbs: ['list'],
    fields: {},
    actions: [
      {
        name: 'request_export',
        does: 'Asks for an export.',
        kind: 'write',
        whole: true,
        takes: { type: text },
        sets: { status: 'pending' },
      },
      { name: 'download_export', does: 'Gives the address of a finished export.', kind: 'read' },
    ],
  },
  {
    one: 'invoice',
    many: 'invoices',
    verbs: NO_DELETE,
    fields: { customer_id, amount: cents },
    actions: [
      {
        name: 'pay_invoice_offline',
        does: 'Marks as paid elsewhere.',
        kind: 'write',
        sets: { status: 'paid' },
      },
      { name: 'void_invoice', does: 'Voids an invoice.', kind: 'destroy', sets: { status: 'void' } },
      {
        name: 'mark_invoice_uncollectible',
        does: 'Gives an invoice up.',
        kind: 'destroy',
        sets: { status: 'uncollectible' },
      },
      {
        name: 'apply_balance_to_invoice',
        does: "Pays an invoice from the customer's balance.",
        kind: 'write',
        takes: { amount: cents },
      },
    ],
  },
  {
    one: 'membership',
    many: 'memberships',
    verbs: ALL,
    fields: { subscription_id: z.string(), email: text },
    actions: [
      {
        name: 'invite_member',
        does: 'Invites somebody to a membership.',
        kind: 'write',
        whole: true,
        takes: { subscription_id: z.string(), email: text },
        sets: { status: 'invited' },
      },
      {
        name: 'membership_ip_authorization',
        does: 'Tells whether an address is let in.',
        kind: 'read',
        whole: true,
        takes: { ip: text },
      },
    ],
  },
  { one: 'newsletter', many: 'newsletters', verbs: ALL, fields: { customer_id, topic: text } },
  {
    one: 'payment_method',
    many: 'payment_methods',
    verbs: ['list', 'get', 'create', 'delete'],
    fields: { customer_id, type: z.enum(['card', 'bank']) },
  },
  {
    one: 'refund',
    many: 'refunds',
    verbs: ['list'],
    fields: {},
    actions: [
      {
        name: 'cancel_refunds',
        does: 'Cancels a pending refund.',
        kind: 'destroy',
        sets: { status: 'canceled' },
      },
    ],
  },
  { one: 'plan', many: 'plans', verbs: ALL, fields: { name: text, amount: cents, interval: text } },
  { one: 'product', many: 'products', verbs: ALL, fields: { name: text, description: text } },
  {
    one: 'subscription',
    many: 'subscriptions',
    verbs: NO_DELETE,
    fields: { customer_id, plan_id: z.string(), quantity: cents },
    actions: [
      {
        name: 'cancel_subscription',
        does: 'Cancels a subscription.',
        kind: 'destroy',
        sets: { status: 'canceled' },
      },
      {
        name: 'renew_subscription',
        does: 'Renews a subscription.',
        kind: 'write',
        sets: { status: 'active' },
      },
      {
        name: 'delete_subscription_phase',
        does: 'Removes a planned phase.',
        kind: 'destroy',
        takes: { phase: cents },
      },
      {
        name: 'redeem_subscription',
        does: 'Redeems a gift.',
        kind: 'write',
        whole: true,
        takes: { gift_code: text, customer_id },
        sets: { status: 'active' },
      },
    ],
  },
  {
    one: 'vendor',
    many: 'vendors',
    verbs: ALL,
    fields: { name: text, email: text },
    actions: [{ name: 'export_vendors', does: 'Exports the vendors.', kind: 'read', whole: true }],
  },
  { one: 'webhook', many: 'webhooks', verbs: ALL, fields: { url: text, event: text } },
];
