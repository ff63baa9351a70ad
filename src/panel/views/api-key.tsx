import { usePage } from '../page.js';
import { Form } from './form.js';
import { Layout } from './layout.js';

/** The administrator's API key: whether there is one, and a new one, this once. */
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
      <Form action="api-key/generate" submit={hasKey ? apiKey.replace : apiKey.generate} />
      {hasKey && <Form action="api-key/revoke" submit={apiKey.revoke} isGrave />}
      <p>
        <a href={`${base.replace(/\/account$/, '')}/api/docs`}>{apiKey.docs}</a>
      </p>
    </Layout>
  );
}
