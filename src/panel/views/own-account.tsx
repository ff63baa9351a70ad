import { DIGEST_ALGORITHMS } from '../../digest/ha1.js';
import type { Account } from '../../database/entities/account.entity.js';
import { displaySip } from '../../common/sip/sip-address.js';
import { usePage } from '../page.js';
import { Fact, Facts, Moment } from './facts.js';
import { Choice, Field, Form } from './form.js';
import { Layout } from './layout.js';

/** The caller, on a page that requires one. */
function useAccount(): Account {
  const { caller } = usePage();
  if (!caller) throw new Error('this page is for somebody who is signed in');
  return caller.account;
}

/** The data of the own account, with links to change it. */
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

/**
 * The form for a new password. The hash algorithm in use is preselected, because the devices of the account support it.
 */
export function PasswordPage() {
  const { password } = usePage().texts;
  const hasOnlyMd5 = useAccount().passwords.every(({ algorithm }) => algorithm === 'MD5');
  return (
    <Layout title={password.title}>
      <p>{password.notice}</p>
      <Form action="password" submit={password.submit}>
        <input hidden autocomplete="username" value={displaySip(useAccount())} />
        <Field name="old_password" label={password.old} type="password" autocomplete="current-password" hasFocus />
        <Field
          name="password"
          label={password.password}
          type="password"
          autocomplete="new-password"
          hint={password.hint}
        />
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

/** The form for a new e-mail address. */
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

/** The form for a new phone number. */
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

/** The form for the code from the SMS. */
export function PhoneCodePage() {
  const { base, texts } = usePage();
  const { phone } = texts;
  return (
    <Layout title={phone.title}>
      <Form action="phone/code" submit={phone.confirm}>
        <Field
          name="code"
          label={phone.code}
          autocomplete="one-time-code"
          inputMode="numeric"
          hint={phone.codeHint}
          hasFocus
        />
      </Form>
      <p>
        <a href={`${base}/phone`}>{phone.another}</a>
      </p>
    </Layout>
  );
}

interface DeletionProperties {
  /** Whether the account is the last administrator. */
  isLastAdministrator: boolean;
}

/** Asks to confirm the deletion of the own account for the first time. */
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

/** Asks for the second confirmation. */
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

/** The page for the second confirmation after a wrong SIP address. It does not repeat the warning. */
export function DeletionRefusedPage() {
  return <DeletionConfirmPage isLastAdministrator={false} />;
}
