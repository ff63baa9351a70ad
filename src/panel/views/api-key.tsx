import { usePage } from '../page.js';
import { Form } from './form.js';
import { Layout } from './layout.js';

/** Whether the administrator has an API key. A new key is shown once. */
export function ApiKeyPage({ hasKey, newKey }: { hasKey: boolean; newKey?: string }) {
  const { base, texts } = usePage();
  const { apiKey } = texts;
  return (
    <Layout title={apiKey.title}>
      <p>{apiKey.explanation}</p>
      {newKey === undefined ? (
        <p>{hasKey ? apiKey.have : apiKey.haveNone}</p>
      ) : (
        <p class="done" role="status">
          {apiKey.generated} <output>{newKey}</output>
        </p>
      )}
      {hasKey ? (
        <p class="actions">
          <a href={`${base}/api-key/generate`}>{apiKey.replace}</a>
          <a class="grave" href={`${base}/api-key/revoke`}>
            {apiKey.revoke}
          </a>
        </p>
      ) : (
        <Form action="api-key/generate" submit={apiKey.generate} />
      )}
      <p>
        <a href={`${base.replace(/\/account$/, '')}/api/docs`}>{apiKey.docs}</a>
      </p>
    </Layout>
  );
}

/** Asks to confirm that the current key is replaced or revoked. */
export function ApiKeyEndPage({ action }: { action: 'generate' | 'revoke' }) {
  const { base, texts } = usePage();
  const { apiKey } = texts;
  return (
    <Layout title={apiKey.endTitle}>
      <p>{apiKey.end}</p>
      <div class="actions">
        <a href={`${base}/api-key`}>{apiKey.keep}</a>
        <Form
          action={`api-key/${action}`}
          submit={action === 'generate' ? apiKey.replaceNow : apiKey.revokeNow}
          isGrave
        >
          <input type="hidden" name="ends" value="1" />
        </Form>
      </div>
    </Layout>
  );
}
