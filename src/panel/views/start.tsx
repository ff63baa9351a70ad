import { usePage } from '../page.js';
import { Fact, Facts } from './facts.js';
import { Layout } from './layout.js';

/** Describes this service, with links to its parts. */
export function StartPage() {
  const { appName, base, texts } = usePage();
  const { start } = texts;
  const publicPath = base.replace(/\/account$/, '');
  return (
    <Layout title={appName}>
      <p>{start.what}</p>
      <Facts>
        <Fact name={start.panel}>
          {start.panelHint} <a href={base}>{start.toPanel}</a>
        </Fact>
        <Fact name={start.docs}>
          {start.docsHint} <a href={`${publicPath}/api/docs`}>{start.toDocs}</a>
        </Fact>
        <Fact name={start.health}>
          {start.healthHint}
          {publicPath === '' ? (
            <a href="/health/ready">/health/ready</a>
          ) : (
            // `/health/ready` is not below the public path; only the service's own port serves it.
            <code>/health/ready</code>
          )}
        </Fact>
      </Facts>
    </Layout>
  );
}
