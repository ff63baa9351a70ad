import { usePage } from '../page.js';
import { Field, Form } from './form.js';
import { Layout } from './layout.js';

/** The form for signing in. */
export function SignInPage() {
  const { defaultDomain, texts } = usePage();
  const { signIn } = texts;
  return (
    <Layout title={signIn.title}>
      <Form action="sign-in" submit={signIn.submit}>
        <Field name="sip" label={signIn.sip} hint={signIn.sipHint(defaultDomain)} autocomplete="username" hasFocus />
        <Field name="password" label={signIn.password} type="password" autocomplete="current-password" />
      </Form>
    </Layout>
  );
}
