import { usePage } from '../page.js';
import { Layout } from './layout.js';

/** Shows a problem that belongs to no form. The layout shows its text. */
export function ProblemPage() {
  const { base, path, texts } = usePage();
  return (
    <Layout title={texts.problem.title}>
      {path.startsWith('/account') && (
        <p>
          <a href={base}>{texts.problem.toPanel}</a>
        </p>
      )}
    </Layout>
  );
}
