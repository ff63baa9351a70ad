import type { Account } from '../../database/entities/account.entity.js';
import { displaySip } from '../../common/sip/sip-address.js';
import { usePage } from '../page.js';
import { Fact, Facts } from './facts.js';
import { Layout } from './layout.js';

/** Asks whether the new address is wanted. The form goes to the address of the page, whose secret proves whatever is to be proven. */
export function EmailQuestionPage({ account, newEmail }: { account: Account; newEmail: string }) {
  const { confirmation } = usePage().texts;
  return (
    <Layout title={confirmation.title}>
      <Facts>
        <Fact name={confirmation.question}>{newEmail}</Fact>
        <Fact name={confirmation.of}>{displaySip(account)}</Fact>
      </Facts>
      <form method="post">
        <button>{confirmation.confirm}</button>
      </form>
    </Layout>
  );
}

/** Tells that the address has changed. */
export function EmailConfirmedPage({ account }: { account: Account }) {
  const { confirmation } = usePage().texts;
  return (
    <Layout title={confirmation.doneTitle}>
      <p>{confirmation.done(account.email ?? '', displaySip(account))}</p>
    </Layout>
  );
}

/** Tells that a link leads nowhere, or no longer. */
export function EmailLinkInvalidPage() {
  const { confirmation } = usePage().texts;
  return (
    <Layout title={confirmation.invalidTitle}>
      <p>{confirmation.invalid}</p>
    </Layout>
  );
}
