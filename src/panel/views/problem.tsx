import { usePage } from '../page.js';
import { Layout } from './layout.js';

/** Tells what went wrong where no form can; the layout has the words. */
export function ProblemPage() {
  const { base, texts } = usePage();
  return (
    <Layout title={texts.problem.title}>
      <p>
        <a href={base}>{texts.problem.toPanel}</a>
      </p>
    </Layout>
  );
}
