import { expect, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { bearer, connect } from './connect.ts';
import { startPelcro } from './pelcro.ts';
import { tokenAccess } from './pelcro-access.ts';
import { MAX_ANSWER_CHARACTERS } from './pelcro-tools.ts';

const NAMES = `get_account
list_addresses get_address create_address update_address delete_address
list_bills get_bill create_bill update_bill delete_bill finalize_bill mark_bill_as_paid export_bills
list_charges get_charge create_offline_charge
list_coupons get_coupon create_coupon update_coupon delete_coupon
list_customers get_customer create_customer update_customer delete_customer credit_from_payment_method
delete_customer_metadata
list_orders get_order create_order update_order
list_ecommerce_products get_ecommerce_product create_ecommerce_product update_ecommerce_product
delete_ecommerce_product
list_ecommerce_skus get_ecommerce_sku create_ecommerce_sku update_ecommerce_sku delete_ecommerce_sku
list_exports request_export download_export
list_invoices get_invoice create_invoice update_invoice pay_invoice_offline void_invoice
mark_invoice_uncollectible apply_balance_to_invoice
list_memberships get_membership create_membership invite_member update_membership delete_membership
membership_ip_authorization
list_newsletters get_newsletter create_newsletter update_newsletter delete_newsletter
list_payment_methods get_payment_method create_payment_method delete_payment_method
list_refunds cancel_refunds
list_plans get_plan create_plan update_plan delete_plan
list_products get_product create_product update_product delete_product
list_subscriptions get_subscription create_subscription update_subscription cancel_subscription
renew_subscription delete_subscription_phase redeem_subscription
list_vendors get_vendor create_vendor update_vendor delete_vendor export_vendors
list_webhooks get_webhook create_webhook update_webhook delete_webhook`.split(/\s+/);

async function start(environment: 'production' | 'staging' = 'production') {
  const [acme, globex] = [canary('bearer'), canary('bearer')];
  const pelcro = await startPelcro({
    environment,
    access: tokenAccess([
      { id: 'acme', name: 'Acme Press', sites: ['site_1', 'site_2'], token: acme },
      { id: 'globex', name: 'Globex Media', sites: ['site_9'], token: globex },
    ]),
  });
  return { pelcro, acme, globex, [Symbol.asyncDispose]: () => pelcro[Symbol.asyncDispose]() };
}

test('every tool is there by name, with marks, and most need a site', async () => {
  await using world = await start();
  await using acme = await connect(world.pelcro.url, { headers: bearer(world.acme) });
  const tools = await acme.tools();
  expect(tools.map(({ name }) => name).sort()).toEqual([...NAMES].sort());
  const siteless = tools.filter(({ inputSchema }) => !inputSchema.required?.includes('site_id'));
  expect(siteless.map(({ name }) => name)).toEqual(['get_account']);
  for (const { name, annotations } of tools) {
    expect(annotations?.readOnlyHint, name).toBe(/^(list|get|export|download)_|_ip_/.test(name));
    if (name.startsWith('delete_')) expect(annotations?.destructiveHint, name).toBe(true);
  }
});

test('the token decides which account answers on the one URL', async () => {
  await using world = await start('staging');
  await using acme = await connect(world.pelcro.url, { headers: bearer(world.acme) });
  await using globex = await connect(world.pelcro.url, { headers: bearer(world.globex) });
  expect(JSON.parse(await acme.say('get_account'))).toEqual({
    id: 'acme',
    name: 'Acme Press',
    environment: 'staging',
    sites: [{ id: 'site_1' }, { id: 'site_2' }],
  });
  expect(JSON.parse(await globex.say('get_account'))).toMatchObject({ id: 'globex' });
  expect(await globex.say('list_plans', { site_id: 'site_1' })).toContain('API error 404');
  expect(world.pelcro.requests.calls('get_account').map(({ principal }) => principal)).toEqual([
    'acme',
    'globex',
  ]);
});

test('a request without a known token is a 401', async () => {
  await using world = await start();
  const answer = await fetch(world.pelcro.url, { method: 'POST', body: '{}' });
  expect(answer.status).toBe(401);
  expect(answer.headers.get('www-authenticate')).toContain('Bearer');
  await expect(connect(world.pelcro.url, { headers: bearer(canary('bearer')) })).rejects.toThrow();
});

test.each([
  { environment: 'production', short: 'prd' },
  { environment: 'staging', short: 'stg' },
] as const)('the health of $environment can be asked without a token', async ({ environment, short }) => {
  await using world = await start(environment);
  const answer = await fetch(`${world.pelcro.origin}/health`);
  expect(await answer.json()).toEqual({ status: 'ok', version: '1.2.1', environment: short });
});

test('records can be listed by page, created, changed, acted on and deleted', async () => {
  await using world = await start();
  await using acme = await connect(world.pelcro.url, { headers: bearer(world.acme) });
  const site_id = 'site_1';
  const { data, total } = JSON.parse(await acme.say('list_invoices', { site_id, page: 2, limit: 5 }));
  expect(data[0].id).toBe('invoice_6');
  expect(total).toBe(12);
  const plan = { name: 'Daily', amount: 500, interval: 'month' };
  const { id } = JSON.parse(await acme.say('create_plan', { site_id, ...plan }));
  await acme.say('update_plan', { site_id, id, amount: 700 });
  expect(JSON.parse(await acme.say('get_plan', { site_id, id }))).toMatchObject({ ...plan, amount: 700 });
  expect(JSON.parse(await acme.say('delete_plan', { site_id, id }))).toEqual({ id, deleted: true });
  const paid = await acme.say('pay_invoice_offline', { site_id, id: 'invoice_1' });
  expect(JSON.parse(paid)).toMatchObject({ status: 'paid' });
  expect(JSON.parse(await acme.say('list_plans', { site_id: 'site_2' }))).toMatchObject({ total: 3 });
});

test('an answer is cut at 25,000 characters and says so', async () => {
  await using world = await start();
  await using acme = await connect(world.pelcro.url, { headers: bearer(world.acme) });
  const text = await acme.say('list_customers', { site_id: 'site_1', limit: 100 });
  expect(text).toHaveLength(MAX_ANSWER_CHARACTERS);
  expect(text).toMatch(/\[Truncated at 25,000 characters\..*\]$/);
  expect(await acme.say('list_customers', { site_id: 'site_1' })).not.toContain('Truncated');
});

test.each([400, 401, 404, 500] as const)('an API error %i is a tool result', async (status) => {
  await using world = await start();
  await using acme = await connect(world.pelcro.url, { headers: bearer(world.acme) });
  world.pelcro.failApi(status);
  const failed = await acme.client.callTool({ name: 'list_plans', arguments: { site_id: 'site_1' } });
  expect(failed).toMatchObject({ isError: true });
  expect(JSON.stringify(failed.content)).toContain(`API error ${status}`);
  const next = await acme.client.callTool({ name: 'list_plans', arguments: { site_id: 'site_1' } });
  expect(next.isError).not.toBe(true);
});

test('bad arguments and unknown records are API errors too', async () => {
  await using world = await start();
  await using acme = await connect(world.pelcro.url, { headers: bearer(world.acme) });
  expect(await acme.say('list_plans')).toContain('API error 400');
  expect(await acme.say('get_plan', { site_id: 'site_1', id: 'plan_99' })).toContain('API error 404');
});

test('the tool list changes while clients are connected', async () => {
  await using world = await start();
  const changed = Promise.withResolvers<void>();
  await using acme = await connect(world.pelcro.url, {
    headers: bearer(world.acme),
    prepare: (client) => {
      client.setNotificationHandler('notifications/tools/list_changed', () => changed.resolve());
    },
  });
  await world.pelcro.streams.atLeast(1);
  await world.pelcro.changeTools();
  await changed.promise;
  const names = (await acme.tools()).map(({ name }) => name);
  expect(names).toContain('pause_subscription');
  expect(names).not.toContain('cancel_refunds');
  await expect(acme.say('cancel_refunds', { site_id: 'site_1', id: 'refund_1' })).rejects.toThrow();
});

test('an expired session is a 404', async () => {
  await using world = await start();
  await using acme = await connect(world.pelcro.url, { headers: bearer(world.acme) });
  await world.pelcro.forgetSessions();
  await expect(acme.say('get_account')).rejects.toThrow(/404|Session not found/);
});
