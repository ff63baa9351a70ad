import type { CaptchaChallenge } from '../../captcha/captcha.js';
import { usePage } from '../page.js';
import { Captcha } from './captcha.js';
import { Layout } from './layout.js';

/** Asks for the proof of a person. The form is sent to the URL of the page, which holds the token. */
export function PersonQuestionPage({ challenge }: { challenge: CaptchaChallenge }) {
  const { person } = usePage().texts;
  return (
    <Layout title={person.title}>
      <p>{person.question}</p>
      <form method="post">
        <Captcha challenge={challenge} />
        <button>{person.submit}</button>
      </form>
    </Layout>
  );
}

/** Reports that a person was proven. */
export function PersonProvenPage() {
  const { person } = usePage().texts;
  return (
    <Layout title={person.doneTitle}>
      <p>{person.done}</p>
    </Layout>
  );
}

/** Reports that the token is unknown, used or expired. */
export function RequestTokenInvalidPage() {
  const { person } = usePage().texts;
  return (
    <Layout title={person.invalidTitle}>
      <p>{person.invalid}</p>
    </Layout>
  );
}
