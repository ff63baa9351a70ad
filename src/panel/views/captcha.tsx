import { PROOF_OF_WORK_SCRIPTS } from '../../captcha/captcha-scripts.js';
import type { CaptchaChallenge } from '../../captcha/captcha.js';
import { PROOF_OF_WORK_FIELD } from '../../captcha/proof-of-work.js';
import { usePage } from '../page.js';
import type { Allowed } from '../security-policy.js';

interface PageOfProvider {
  /** The URL of the script. `{language}` stands for the language of the page. */
  readonly script: string;
  /** The class of the element that the script fills. */
  readonly className: string;
  readonly allowed: Allowed;
}

const HCAPTCHA = ['https://hcaptcha.com', 'https://*.hcaptcha.com'];
const TURNSTILE = ['https://challenges.cloudflare.com'];

const PROVIDERS: Readonly<Record<'hcaptcha' | 'turnstile', PageOfProvider>> = {
  hcaptcha: {
    script: 'https://js.hcaptcha.com/1/api.js?recaptchacompat=off&hl={language}',
    className: 'h-captcha',
    allowed: { 'script-src': HCAPTCHA, 'frame-src': HCAPTCHA, 'style-src': HCAPTCHA, 'connect-src': HCAPTCHA },
  },
  turnstile: {
    script: 'https://challenges.cloudflare.com/turnstile/v0/api.js',
    className: 'cf-turnstile',
    allowed: { 'script-src': TURNSTILE, 'frame-src': TURNSTILE },
  },
};

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
    case 'hcaptcha':
    case 'turnstile':
      return <Provider {...challenge} />;
  }
}

/** What a page with this challenge may load besides. */
export function allowedFor({ driver }: CaptchaChallenge): Allowed {
  switch (driver) {
    case 'none':
      return {};
    case 'proof-of-work':
      return { 'script-src': ["'self'"], 'worker-src': ["'self'"] };
    case 'hcaptcha':
    case 'turnstile':
      return PROVIDERS[driver].allowed;
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

/** The script of the provider adds a field with the answer to the form. */
function Provider({ driver, siteKey }: { driver: 'hcaptcha' | 'turnstile'; siteKey: string }) {
  const { texts } = usePage();
  const { script, className } = PROVIDERS[driver];
  return (
    <div>
      <div class={className} data-sitekey={siteKey} data-language={texts.language}></div>
      <noscript>
        <p>{texts.person.needsScripts}</p>
      </noscript>
      <script src={script.replace('{language}', texts.language)} async defer></script>
    </div>
  );
}
