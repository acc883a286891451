import { CSPProvider } from '@base-ui/react/csp-provider';
import { Tooltip } from '@base-ui/react/tooltip';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { Redirect, Route, Router, Switch } from 'wouter';
import { Toasts } from './components/toasts.tsx';
import type { Gangway } from './connection.ts';
import { GangwayProvider, useSnapshot } from './gangway.tsx';
import { useHashLocation } from './hash-location.ts';
import { ErrorBoundary } from './shell/error-boundary.tsx';
import { LinkDialog } from './shell/link-dialog.tsx';
import { Shell } from './shell/shell.tsx';
import { SignInDialogs } from './sign-in/sign-in.tsx';
import type { SnapshotStore } from './snapshot-store.ts';
import { About } from './views/about.tsx';
import { AccountPage } from './views/account/account-page.tsx';
import { Accounts } from './views/accounts/accounts.tsx';
import { Activity } from './views/activity/activity.tsx';
import { AddAccount } from './views/add/add-account.tsx';
import { PrefillProvider } from './views/add/prefill.tsx';
import { AppPage } from './views/apps/app-page.tsx';
import { Apps } from './views/apps/apps.tsx';
import { Doctor } from './views/doctor/doctor.tsx';
import { Rules } from './views/rules/rules.tsx';
import { SettingsView } from './views/settings/settings.tsx';
import { Setup } from './views/setup/setup.tsx';

/** The whole window. */
export function App({ gangway }: { gangway: Gangway & { readonly store: SnapshotStore } }) {
  const [queries] = useState(
    () => new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 5000 } } }),
  );
  return (
    <CSPProvider disableStyleElements>
      <GangwayProvider value={gangway}>
        <QueryClientProvider client={queries}>
          <Tooltip.Provider>
            <Toasts>
              <ErrorBoundary>
                <Router hook={useHashLocation}>
                  <SignInDialogs>
                    <PrefillProvider>
                      <Shell>
                        <Pages />
                      </Shell>
                      <LinkDialog />
                    </PrefillProvider>
                  </SignInDialogs>
                </Router>
              </ErrorBoundary>
            </Toasts>
          </Tooltip.Provider>
        </QueryClientProvider>
      </GangwayProvider>
    </CSPProvider>
  );
}

function Pages() {
  const isFirstRun = useSnapshot().accounts.length === 0;
  return (
    <Switch>
      <Route path="/setup/:step?" component={Setup} />
      <Route path="/accounts" component={Accounts} />
      <Route path="/accounts/add/:connector?" component={AddAccount} />
      <Route path="/accounts/:id/:tab?" component={AccountPage} />
      <Route path="/apps" component={Apps} />
      <Route path="/apps/:id" component={AppPage} />
      <Route path="/doctor" component={Doctor} />
      <Route path="/activity" component={Activity} />
      <Route path="/rules" component={Rules} />
      <Route path="/settings/:section?" component={SettingsView} />
      <Route path="/about" component={About} />
      <Route>
        <Redirect to={isFirstRun ? '/setup' : '/accounts'} replace />
      </Route>
    </Switch>
  );
}
