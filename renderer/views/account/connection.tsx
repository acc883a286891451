import type { AccountView } from '#contract/control.ts';
import { Card, Facts } from '../../components/page.tsx';
import { Ago } from '../../components/time.tsx';
import { texts } from '../../texts/texts.ts';

/** Where the account leads and what is sent along. Secret values are never here. */
export function Connection({ account }: { account: AccountView }) {
  const words = texts.account;
  const { upstream, signIn, headers, secretHeaders, grant } = account;
  const extra = [
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...secretHeaders.map((name) => `${name}: ${words.hiddenValue}`),
  ];
  return (
    <Card>
      <Facts
        items={[
          upstream.kind === 'command'
            ? [words.command, <code key="command">{[upstream.command, ...upstream.args].join(' ')}</code>]
            : [words.address, <code key="address">{upstream.url}</code>],
          [words.transport, words.transports[upstream.kind]],
          [
            words.signInWay,
            signIn.kind === 'key' ? words.signInWays.key(signIn.header) : words.signInWays[signIn.kind],
          ],
          grant ? [words.issuer, grant.issuer] : null,
          extra.length > 0
            ? [
                words.headers,
                <ul key="headers">
                  {extra.map((line) => (
                    <li key={line}>
                      <code>{line}</code>
                    </li>
                  ))}
                </ul>,
              ]
            : null,
          [words.ownNetwork, account.ownNetwork ? words.yes : words.no],
          [words.shortName, <code key="slug">{account.slug}</code>],
          [words.added, <Ago key="added" at={account.createdAt} />],
        ]}
      />
    </Card>
  );
}
