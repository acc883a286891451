import { about } from './en/about.ts';
import { account } from './en/account.ts';
import { accounts } from './en/accounts.ts';
import { activity } from './en/activity.ts';
import { add } from './en/add.ts';
import { appSetup } from './en/app-setup.ts';
import { apps } from './en/apps.ts';
import { doctor } from './en/doctor.ts';
import { foreign } from './en/foreign.ts';
import { rules } from './en/rules.ts';
import { settings } from './en/settings.ts';
import { setup } from './en/setup.ts';
import { shell } from './en/shell.ts';
import { words } from './en/words.ts';

/** English, one file per screen. */
export const en = {
  about,
  account,
  accounts,
  activity,
  add,
  appSetup,
  apps,
  doctor,
  foreign,
  rules,
  settings,
  setup,
  shell,
  words,
};
