/**
 * Solves the challenge of a form in workers once the form is sent, and sends the form with the answer. The element with
 * the challenge says where the worker is, and what to show meanwhile.
 */
(() => {
  /** The number of workers. Each needs one megabyte. */
  const WORKERS = Math.min(navigator.hardwareConcurrency || 2, 4);

  /** Finds the solution of a challenge: the first one of any worker. */
  function solve(script, challenge) {
    const workers = Array.from({ length: WORKERS }, () => new Worker(script));
    const solution = new Promise((resolve, reject) => {
      workers.forEach((worker, index) => {
        worker.addEventListener('error', reject);
        worker.addEventListener('message', ({ data }) => (data?.derivedKey ? resolve(data) : reject(data?.error)));
        worker.postMessage({ type: 'work', challenge, counterStart: index, counterStep: WORKERS }, []);
      });
    });
    return solution.finally(() => workers.forEach((worker) => worker.terminate()));
  }

  function attach(element) {
    const form = element.closest('form');
    const [answer, status] = [element.querySelector('input'), element.querySelector('[role=status]')];
    const button = form.querySelector('button');
    const { challenge, worker, checking, failed } = element.dataset;
    form.addEventListener('submit', async (event) => {
      if (answer.value !== '') return;
      event.preventDefault();
      button.disabled = true;
      status.textContent = checking;
      try {
        const asked = JSON.parse(challenge);
        answer.value = JSON.stringify({ challenge: asked, solution: await solve(worker, asked) });
      } catch {
        status.textContent = failed;
      }
      button.disabled = false;
      if (answer.value !== '') form.requestSubmit(button);
    });
  }

  document.querySelectorAll('[data-challenge]').forEach(attach);
})();
