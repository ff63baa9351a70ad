import { DIGEST_ALGORITHMS } from '../../digest/ha1.js';
import type { Account } from '../../database/entities/account.entity.js';
import { displaySip } from '../../common/sip/sip-address.js';
import { usePage } from '../page.js';
import { Fact, Facts, Moment } from './facts.js';
import { Choice, Field, Form } from './form.js';
import { Layout } from './layout.js';

/** Who is signed in, on a page that nobody else sees. */
function useAccount(): Account {
  const { caller } = usePage();
  if (!caller) throw new Error('this page is for somebody who is signed in');
  return caller.account;
}

/** What an account knows about itself, and where it can change that. */
export function OverviewPage() {
  const account = useAccount();
  const { base, texts } = usePage();
  const { overview } = texts;
  return (
    <Layout title={overview.title}>
      <Facts>
        <Fact name={overview.sip}>{displaySip(account)}</Fact>
        {account.admin && <Fact name={overview.admin}>{texts.yes}</Fact>}
        <Fact name={overview.email}>
          {account.email ?? texts.noEmail}
          {account.emailChange && <small>{overview.emailPending(account.emailChange.newEmail)}</small>}
          <a href={`${base}/email`}>{overview.changeEmail}</a>
        </Fact>
        <Fact name={overview.phone}>
          {account.phone ?? texts.noPhone}
          <a href={`${base}/phone`}>{overview.changePhone}</a>
        </Fact>
        <Fact name={overview.password}>
          {overview.stored(account.passwords.map(({ algorithm }) => algorithm).join(', '))}
          <a href={`${base}/password`}>{overview.changePassword}</a>
        </Fact>
        <Fact name={overview.created}>
          <Moment at={account.creationTime} />
        </Fact>
      </Facts>
      <p>
        <a class="grave" href={`${base}/delete`}>
          {overview.deletion}
        </a>
      </p>
    </Layout>
  );
}

/** Where a password is changed. The hash that the account has is offered first: its telephones know that one. */
export function PasswordPage() {
  const { password } = usePage().texts;
  const hasOnlyMd5 = useAccount().passwords.every(({ algorithm }) => algorithm === 'MD5');
  return (
    <Layout title={password.title}>
      <p>{password.notice}</p>
      <Form action="password" submit={password.submit}>
        <input hidden autocomplete="username" value={displaySip(useAccount())} />
        <Field name="old_password" label={password.old} type="password" autocomplete="current-password" hasFocus />
        <Field name="password" label={password.password} type="password" autocomplete="new-password" hint={password.hint} />
        <Field name="repeat" label={password.repeat} type="password" autocomplete="new-password" />
        <Choice
          name="algorithm"
          label={password.algorithm}
          options={hasOnlyMd5 ? DIGEST_ALGORITHMS : DIGEST_ALGORITHMS.toReversed()}
          hint={password.algorithmHint}
        />
      </Form>
    </Layout>
  );
}

/** Where another mail address is asked for. */
export function EmailPage() {
  const { email } = usePage().texts;
  return (
    <Layout title={email.title}>
      <Form action="email" submit={email.submit}>
        <Field name="email" label={email.email} type="email" autocomplete="email" hint={email.hint} hasFocus />
      </Form>
    </Layout>
  );
}

/** Where another number is asked for. */
export function PhonePage() {
  const { base, texts } = usePage();
  const { phone } = texts;
  return (
    <Layout title={phone.title}>
      <Form action="phone" submit={phone.submit}>
        <Field name="phone" label={phone.phone} type="tel" autocomplete="tel" hint={phone.hint} hasFocus />
      </Form>
      <p>
        <a href={`${base}/phone/code`}>{phone.haveCode}</a>
      </p>
    </Layout>
  );
}

/** Where the code from the SMS is entered. */
export function PhoneCodePage() {
  const { base, texts } = usePage();
  const { phone } = texts;
  return (
    <Layout title={phone.title}>
      <Form action="phone/code" submit={phone.confirm}>
        <Field name="code" label={phone.code} autocomplete="one-time-code" inputMode="numeric" hint={phone.codeHint} hasFocus />
      </Form>
      <p>
        <a href={`${base}/phone`}>{phone.another}</a>
      </p>
    </Layout>
  );
}

interface DeletionProperties {
  /** Whether no administrator would be left. */
  isLastAdministrator: boolean;
}

/** Asks the first time whether the account shall go. */
export function DeletionPage({ isLastAdministrator }: DeletionProperties) {
  const { base, texts } = usePage();
  const { deletion } = texts;
  return (
    <Layout title={deletion.title}>
      <p>{deletion.question(displaySip(useAccount()))}</p>
      {isLastAdministrator && <p class="problems">{deletion.lastAdministrator}</p>}
      <p class="actions">
        <a href={base}>{deletion.keep}</a>
        <a class="grave" href={`${base}/delete/confirm`}>
          {deletion.goOn}
        </a>
      </p>
    </Layout>
  );
}

/** Asks the second time. */
export function DeletionConfirmPage({ isLastAdministrator }: DeletionProperties) {
  const { base, texts } = usePage();
  const { deletion } = texts;
  return (
    <Layout title={deletion.sure}>
      {isLastAdministrator && <p class="problems">{deletion.lastAdministrator}</p>}
      <Form action="delete" submit={deletion.submit} isGrave>
        <Field name="sip" label={deletion.sip} hint={deletion.confirm(displaySip(useAccount()))} hasFocus />
      </Form>
      <p>
        <a href={base}>{deletion.keep}</a>
      </p>
    </Layout>
  );
}

/** The same, where what was entered is not the address: the warning was read on the page before. */
export function DeletionRefusedPage() {
  return <DeletionConfirmPage isLastAdministrator={false} />;
}
