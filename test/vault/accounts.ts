import { AccountId } from '#contract/account.ts';

export function accountNamed(name: string): AccountId {
  return AccountId.parse(`acc_${name.padEnd(8, '0')}`);
}
