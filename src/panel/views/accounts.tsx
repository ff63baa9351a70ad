import { DIGEST_ALGORITHMS } from '../../digest/ha1.js';
import type { Account } from '../../database/entities/account.entity.js';
import { displaySip } from '../../common/sip/sip-address.js';
import { usePage } from '../page.js';
import { Fact, Facts, Moment } from './facts.js';
import { Checkbox, Choice, Field, Form } from './form.js';
import { Layout } from './layout.js';

interface AccountsProperties {
  accounts: readonly Account[];
  /** Number of accounts on all pages. */
  total: number;
  page: number;
  lastPage: number;
  /** The search term; empty for all accounts. */
  search: string;
}

/** All accounts, or those that match the search. */
export function AccountsPage({ accounts, total, page, lastPage, search }: AccountsProperties) {
  const { base, texts } = usePage();
  const words = texts.accounts;
  return (
    <Layout title={words.title}>
      <form method="get" action={`${base}/accounts`} role="search" class="search">
        <p class="field">
          <label for="search">{words.search}</label>
          <input id="search" name="search" type="search" value={search} aria-describedby="search-hint" />
          <small id="search-hint">{words.searchHint}</small>
        </p>
        <button>{words.submit}</button>
        {search !== '' && <a href={`${base}/accounts`}>{words.all}</a>}
      </form>
      <p>
        <a href={`${base}/accounts/new`}>{words.create}</a>
      </p>
      <p>{total === 0 ? words.none : words.found(total)}</p>
      {accounts.length > 0 && <AccountTable accounts={accounts} />}
      {(lastPage > 1 || page > lastPage) && <PageLinks page={page} lastPage={lastPage} search={search} />}
    </Layout>
  );
}

function AccountTable({ accounts }: { accounts: readonly Account[] }) {
  const { base, texts } = usePage();
  const words = texts.accounts;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{words.sip}</th>
          <th scope="col">{words.email}</th>
          <th scope="col">{words.phone}</th>
          <th scope="col">{words.state}</th>
        </tr>
      </thead>
      <tbody>
        {accounts.map((account) => (
          <tr>
            <th scope="row">
              <a href={`${base}/accounts/${account.id}`}>{displaySip(account)}</a>
            </th>
            <td data-name={words.email}>{account.email}</td>
            <td data-name={words.phone}>{account.phone}</td>
            <td data-name={words.state}>
              {account.activated ? words.active : words.inactive}
              {account.blocked && `, ${words.blocked}`}
              {account.admin && `, ${words.admin}`}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function PageLinks({ page, lastPage, search }: { page: number; lastPage: number; search: string }) {
  const { base, texts } = usePage();
  const words = texts.accounts;
  const link = (to: number) =>
    `${base}/accounts?${new URLSearchParams({ ...(search === '' ? {} : { search }), page: String(to) })}`;
  return (
    <nav class="pages" aria-label={words.pages}>
      {page > 1 && (
        <a rel="prev" href={link(Math.min(page - 1, lastPage))}>
          {words.previous}
        </a>
      )}
      <span>{words.page(page, lastPage)}</span>
      {page < lastPage && (
        <a rel="next" href={link(page + 1)}>
          {words.next}
        </a>
      )}
    </nav>
  );
}

/** One account and its actions, for administrators. Their own account has no actions here. */
export function AccountPage({ shown }: { shown: Account }) {
  const { caller, texts } = usePage();
  const { account: words, overview } = texts;
  return (
    <Layout title={words.title(displaySip(shown))}>
      <Facts>
        <Fact name={words.id}>{shown.id}</Fact>
        <Fact name={overview.activated}>{shown.activated ? texts.yes : texts.no}</Fact>
        <Fact name={words.blocked}>{shown.blocked ? texts.yes : texts.no}</Fact>
        {shown.displayName !== null && <Fact name={words.displayName}>{shown.displayName}</Fact>}
        {shown.confirmationKey !== null && (
          <Fact name={words.code}>
            <code>{shown.confirmationKey}</code>
          </Fact>
        )}
        {shown.activationExpiration && (
          <Fact name={words.codeExpires}>
            <Moment at={shown.activationExpiration.expires} />
          </Fact>
        )}
        <Fact name={overview.admin}>{shown.admin ? texts.yes : texts.no}</Fact>
        <Fact name={words.hasKey}>{shown.hasApiKey ? texts.yes : texts.no}</Fact>
        <Fact name={overview.email}>
          {shown.email ?? texts.noEmail}
          {shown.emailChange && <small>{overview.emailPending(shown.emailChange.newEmail)}</small>}
        </Fact>
        <Fact name={overview.phone}>{shown.phone ?? texts.noPhone}</Fact>
        <Fact name={overview.password}>
          {shown.passwords.map(({ algorithm }) => algorithm).join(', ') || texts.noPassword}
        </Fact>
        <Fact name={overview.created}>
          <Moment at={shown.creationTime} />
        </Fact>
        <Fact name={words.source}>{`${shown.ipAddress}, ${shown.userAgent}`}</Fact>
      </Facts>
      {shown.id === caller?.account.id ? <p>{words.own}</p> : <AccountActions shown={shown} />}
    </Layout>
  );
}

function AccountActions({ shown: { id, activated, blocked } }: { shown: Account }) {
  const { base, texts } = usePage();
  const words = texts.account;
  return (
    <div class="actions">
      <Form
        action={`accounts/${id}/${activated ? 'deactivate' : 'activate'}`}
        submit={activated ? words.deactivate : words.activate}
      />
      {blocked ? (
        <Form action={`accounts/${id}/unblock`} submit={words.unblock} />
      ) : (
        <a class="grave" href={`${base}/accounts/${id}/block`}>
          {words.block}
        </a>
      )}
      <a class="grave" href={`${base}/accounts/${id}/delete`}>
        {words.remove}
      </a>
    </div>
  );
}

/** Asks an administrator to confirm that an account is blocked. */
export function AccountBlockPage({ shown }: { shown: Account }) {
  const { base, texts } = usePage();
  const words = texts.account;
  return (
    <Layout title={words.title(displaySip(shown))}>
      <p>{words.blockQuestion(displaySip(shown))}</p>
      <div class="actions">
        <a href={`${base}/accounts/${shown.id}`}>{words.blockNot}</a>
        <Form action={`accounts/${shown.id}/block`} submit={words.block} isGrave />
      </div>
    </Layout>
  );
}

/** Asks an administrator to confirm the deletion of an account. */
export function AccountDeletionPage({ shown, isLastAdministrator }: { shown: Account; isLastAdministrator: boolean }) {
  const { base, texts } = usePage();
  const { deletion } = texts;
  return (
    <Layout title={texts.account.title(displaySip(shown))}>
      <p>{deletion.question(displaySip(shown))}</p>
      {isLastAdministrator && <p class="problems">{deletion.lastAdministrator}</p>}
      <div class="actions">
        <a href={`${base}/accounts/${shown.id}`}>{deletion.keep}</a>
        <Form action={`accounts/${shown.id}/delete`} submit={deletion.submit} isGrave />
      </div>
    </Layout>
  );
}

/** The form with which an administrator creates an account. */
export function NewAccountPage() {
  const { create, password } = usePage().texts;
  return (
    <Layout title={create.title}>
      <Form action="accounts/new" submit={create.submit}>
        <Field name="username" label={create.username} hasFocus />
        <Field name="domain" label={create.domain} isRequired={false} />
        <Field
          name="password"
          label={create.password}
          type="password"
          autocomplete="new-password"
          hint={password.hint}
        />
        <Choice
          name="algorithm"
          label={password.algorithm}
          options={DIGEST_ALGORITHMS.toReversed()}
          hint={password.algorithmHint}
        />
        <Field name="email" label={create.email} type="email" isRequired={false} />
        <Field name="phone" label={create.phone} type="tel" hint={create.phoneHint} isRequired={false} />
        <Checkbox name="activated" label={create.activated} />
        <Checkbox name="admin" label={create.admin} />
      </Form>
    </Layout>
  );
}
