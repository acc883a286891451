import type { ToolMarks } from './connector.ts';

export const noMarks: ToolMarks = { reads: new Set(), writes: new Set() };

/** Allegro's tools; the write tools need the admin role in the tenant. */
export const allegroTools: ToolMarks = {
  reads: new Set([
    'search-audience-members',
    'get-audience-member',
    'list-products',
    'list-plans',
    'list-offers',
    'list-templates',
    'get-template',
    'get-embed-snippet',
  ]),
  writes: new Set([
    'update-audience-member',
    'grant-entitlement',
    'revoke-entitlement',
    'create-product',
    'update-product',
    'create-template',
    'update-template',
    'update-embed-snippet',
  ]),
};

/** allv reads memory through resources and changes it through this tool; its other tools are each workspace's own. */
export const allvTools: ToolMarks = { reads: new Set(), writes: new Set(['agent.update_memory']) };

/**
 * Pelcro's tools by resource. Starting an export counts as writing: it leaves a file and a record behind, while
 * downloading one does not.
 */
export const pelcroTools: ToolMarks = {
  reads: new Set([
    'get_account',
    ...['list_addresses', 'get_address', 'list_bills', 'get_bill', 'list_charges', 'get_charge'],
    ...['list_coupons', 'get_coupon', 'list_customers', 'get_customer', 'list_orders', 'get_order'],
    ...['list_ecommerce_products', 'get_ecommerce_product', 'list_ecommerce_skus', 'get_ecommerce_sku'],
    ...['list_exports', 'download_export', 'list_invoices', 'get_invoice'],
    ...['list_memberships', 'get_membership', 'list_newsletters', 'get_newsletter'],
    ...['list_payment_methods', 'get_payment_method', 'list_refunds', 'list_plans', 'get_plan'],
    ...['list_products', 'get_product', 'list_subscriptions', 'get_subscription'],
    ...['list_vendors', 'get_vendor', 'list_webhooks', 'get_webhook'],
  ]),
  writes: new Set([
    ...['create_address', 'update_address', 'delete_address'],
    ...['create_bill', 'update_bill', 'delete_bill', 'finalize_bill', 'mark_bill_as_paid', 'export_bills'],
    ...['create_offline_charge', 'create_coupon', 'update_coupon', 'delete_coupon'],
    ...['create_customer', 'update_customer', 'delete_customer'],
    ...['credit_from_payment_method', 'delete_customer_metadata', 'create_order', 'update_order'],
    ...['create_ecommerce_product', 'update_ecommerce_product', 'delete_ecommerce_product'],
    ...['create_ecommerce_sku', 'update_ecommerce_sku', 'delete_ecommerce_sku', 'request_export'],
    ...['create_invoice', 'update_invoice', 'pay_invoice_offline', 'void_invoice'],
    ...['mark_invoice_uncollectible', 'apply_balance_to_invoice'],
    ...['create_membership', 'invite_member', 'update_membership', 'delete_membership'],
    ...['membership_ip_authorization', 'create_newsletter', 'update_newsletter', 'delete_newsletter'],
    ...['create_payment_method', 'delete_payment_method', 'cancel_refunds'],
    ...['create_plan', 'update_plan', 'delete_plan', 'create_product', 'update_product', 'delete_product'],
    ...['create_subscription', 'update_subscription', 'cancel_subscription', 'renew_subscription'],
    ...['delete_subscription_phase', 'redeem_subscription'],
    ...['create_vendor', 'update_vendor', 'delete_vendor', 'export_vendors'],
    ...['create_webhook', 'update_webhook', 'delete_webhook'],
  ]),
};
