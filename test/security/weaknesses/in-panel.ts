import type { Weakness } from './weakness.js';

/** Weaknesses of the panel: its sessions and its forms. */
export const IN_PANEL: readonly Weakness[] = [
  {
    name: 'panel: a form is taken from any page of any site',
    edits: [
      {
        file: 'src/panel/page.interceptor.ts',
        find: "if (request.method === 'POST' && !routeMetadata",
        instead: "if (request.method === 'POST' && request.method !== 'POST' && !routeMetadata",
      },
    ],
    caughtBy: { file: 'test/panel/forms.e2e-spec.ts', test: 'with no token' },
  },
  {
    name: 'panel: the token of a form is good for every session',
    edits: [
      {
        file: 'src/panel/form-tokens.ts',
        find: "session?.accountId === undefined ? 'a stranger' : session.sessionId",
        instead: "session ? 'anybody' : ''",
      },
    ],
    caughtBy: { file: 'test/panel/forms.e2e-spec.ts', test: 'that the same browser got before somebody signed in' },
  },
  {
    name: 'panel: a page is shown to whoever asks',
    edits: [
      {
        file: 'src/auth/decorators/access.decorator.ts',
        find: "export const PageAccess = (who: Who) => allow(who, 'panel-session');",
        instead: "export const PageAccess = (who: Who) => allow(who === 'user' ? 'anybody' : who, 'panel-session');",
      },
    ],
    caughtBy: { file: 'test/panel/forms.e2e-spec.ts', test: 'sends a stranger to the sign-in page' },
  },
  {
    name: 'panel: the pages of administrators are shown to users',
    edits: [
      {
        file: 'src/panel/all-accounts.controller.ts',
        find: "@PanelPages('admin')\n",
        instead: "@PanelPages('user')\n",
      },
    ],
    caughtBy: { file: 'test/access.spec.ts', test: 'is the one that was accepted' },
  },
  {
    name: 'panel: a session outlives its password',
    edits: [
      {
        file: 'src/auth/sessions/panel-sessions.service.ts',
        find: 'if (!account || !secretsEqual(stamp, this.stampOf(account))) throw new SignInRequired();',
        instead: 'if (!account || !secretsEqual(stamp, stamp)) throw new SignInRequired();',
      },
    ],
    caughtBy: { file: 'test/panel/own-account.e2e-spec.ts', test: 'ends every other session' },
  },
  {
    name: 'panel: signing in keeps the session that the browser had',
    edits: [
      {
        file: 'src/auth/sessions/panel-sessions.service.ts',
        find: '    await request.session.regenerate();\n',
        instead: '',
      },
    ],
    caughtBy: { file: 'test/panel/sign-in.e2e-spec.ts', test: 'gives a new session each time' },
  },
  {
    name: 'panel: signing out only forgets the cookie',
    edits: [
      {
        file: 'src/auth/sessions/panel-sessions.service.ts',
        find: '    await request.session.destroy();\n',
        instead: '',
      },
    ],
    caughtBy: { file: 'test/panel/sign-in.e2e-spec.ts', test: 'is over for good after signing out' },
  },
  {
    name: 'panel: sessions stand in the database as they are in cookies',
    edits: [
      {
        file: 'src/auth/sessions/panel-session-store.ts',
        find: "return createHash('sha256').update(sessionId).digest('hex');",
        instead: "return sessionId || createHash('sha256').digest('hex');",
      },
    ],
    caughtBy: {
      file: 'test/panel/sign-in.e2e-spec.ts',
      test: 'leaves nothing in the database that could be used to sign in',
    },
  },
  {
    name: 'panel: guesses at passwords are not counted',
    edits: [
      {
        file: 'src/panel/sign-in.service.ts',
        find: 'const isWrong = (error: unknown) => error instanceof SignInRefused;',
        instead: 'const isWrong = (error: unknown) => error instanceof SignInRefused && error.reason === "limit";',
      },
    ],
    caughtBy: { file: 'test/panel/sign-in.e2e-spec.ts', test: 'counts with the guesses over the API' },
  },
  {
    name: 'panel: a search is a pattern',
    edits: [
      { file: 'src/directory/account-lookup.service.ts', find: "search.replace(/[!%_]/g, '!$&')", instead: 'search' },
    ],
    caughtBy: { file: 'test/panel/administrators.e2e-spec.ts', test: 'literally' },
  },
];
