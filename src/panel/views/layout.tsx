import type { ComponentChildren } from 'preact';
import { displaySip } from '../../common/sip/sip-address.js';
import { usePage } from '../page.js';
import { STYLE_VERSION } from '../style.js';
import { FormToken } from './form.js';

/** A complete page: the head, the navigation, messages about actions and problems, and the content. */
export function Layout({ title, children }: { title: string; children: ComponentChildren }) {
  const { appName, base, texts, done, problems } = usePage();
  const messages = [...(problems.general === null ? [] : [problems.general]), ...Object.values(problems.fields)];
  return (
    <html lang={texts.language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} – ${appName}`}</title>
        <link rel="icon" type="image/svg+xml" href={`${base}/favicon.svg`} />
        <link rel="stylesheet" href={`${base}/style.css?${STYLE_VERSION}`} />
      </head>
      <body>
        <a class="skip" href="#content">
          {texts.skip}
        </a>
        <Header />
        <main id="content">
          <h1>{title}</h1>
          {done !== null && messages.length === 0 && (
            <p class="done" role="status">
              {done}
            </p>
          )}
          {messages.length > 0 && (
            <div class="problems" role="alert">
              {messages.map((message) => (
                <p>{message}</p>
              ))}
            </div>
          )}
          {children}
        </main>
      </body>
    </html>
  );
}

function Header() {
  const { appName, base, texts, caller } = usePage();
  const isAdministrator = caller?.permissions.has('manage-accounts');
  return (
    <header>
      <p class="name">{appName}</p>
      {caller && (
        <nav aria-label={texts.nav.main}>
          <NavLink to="" name={texts.nav.account} />
          <NavLink to="/devices" name={texts.nav.devices} />
          {isAdministrator && <NavLink to="/accounts" name={texts.nav.accounts} />}
          {isAdministrator && <NavLink to="/api-key" name={texts.nav.apiKey} />}
        </nav>
      )}
      {caller && (
        <form method="post" action={`${base}/sign-out`} class="who">
          <FormToken />
          <span>{displaySip(caller.account)}</span>
          <button class="plain">{texts.nav.signOut}</button>
        </form>
      )}
    </header>
  );
}

function NavLink({ to, name }: { to: string; name: string }) {
  const { base, path } = usePage();
  return (
    <a href={base + to} aria-current={path === `/account${to}` ? 'page' : undefined}>
      {name}
    </a>
  );
}
