import type { Account } from '../../database/entities/account.entity.js';
import { displaySip } from '../../common/sip/sip-address.js';
import { usePage } from '../page.js';
import { Fact, Facts } from './facts.js';
import { Layout } from './layout.js';

/** Asks to confirm the new e-mail address. The form is sent to the URL of the page, whose secret is the proof. */
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

/** Reports that the e-mail address was changed. */
export function EmailConfirmedPage({ account }: { account: Account }) {
  const { confirmation } = usePage().texts;
  return (
    <Layout title={confirmation.doneTitle}>
      <p>{confirmation.done(account.email ?? '', displaySip(account))}</p>
    </Layout>
  );
}

/** Reports that the link is invalid or has expired. */
export function EmailLinkInvalidPage() {
  const { confirmation } = usePage().texts;
  return (
    <Layout title={confirmation.invalidTitle}>
      <p>{confirmation.invalid}</p>
    </Layout>
  );
}
