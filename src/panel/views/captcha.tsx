import { PROOF_OF_WORK_SCRIPTS } from '../../captcha/captcha-scripts.js';
import type { CaptchaChallenge } from '../../captcha/captcha.js';
import { PROOF_OF_WORK_FIELD } from '../../captcha/proof-of-work.js';
import { usePage } from '../page.js';
import type { Allowed } from '../security-policy.js';

/**
 * The part of a form that proves a person. It belongs before the button. A view with it has {@link allowedFor} as its
 * third argument.
 */
export function Captcha({ challenge }: { challenge: CaptchaChallenge }) {
  switch (challenge.driver) {
    case 'none':
      return null;
    case 'proof-of-work':
      return <ProofOfWork challenge={challenge.challenge} />;
  }
}

/** What a page with this challenge may load besides. */
export function allowedFor({ driver }: CaptchaChallenge): Allowed {
  switch (driver) {
    case 'none':
      return {};
    case 'proof-of-work':
      return { 'script-src': ["'self'"], 'worker-src': ["'self'"] };
  }
}

function ProofOfWork({ challenge }: { challenge: string }) {
  const { base, texts } = usePage();
  const { page, worker } = PROOF_OF_WORK_SCRIPTS;
  return (
    <div
      data-challenge={challenge}
      data-worker={`${base}/captcha/scrypt.js?${worker.version}`}
      data-checking={texts.person.checking}
      data-failed={texts.person.failed}
    >
      <input type="hidden" name={PROOF_OF_WORK_FIELD} value="" />
      <p role="status"></p>
      <noscript>
        <p>{texts.person.needsScripts}</p>
      </noscript>
      <script src={`${base}/captcha/proof-of-work.js?${page.version}`} defer></script>
    </div>
  );
}
