import { JobLeases } from '../../src/jobs/job-leases.service.js';
import { JobRunner } from '../../src/jobs/job-runner.service.js';
import { Api } from '../support/api.js';
import { samplesOf } from '../support/metrics.js';
import type { PrivateServer } from '../support/private-server.js';
import { untilServed } from '../support/timed-calls.js';
import { startServer } from '../support/start-server.js';
import { createOnServer } from '../support/test-database.js';
import { HeldJob } from './held-job.js';

describe('While the database is away, a job', () => {
  let server: PrivateServer;
  let api: Api;
  const unhandled = jest.fn();

  beforeAll(async () => {
    process.on('unhandledRejection', unhandled);
    server = await startServer();
    api = await Api.start({ database: await createOnServer(server.access), jobs: [HeldJob] });
  });
  afterAll(async () => {
    await api.stop();
    await server.stop();
    process.off('unhandledRejection', unhandled);
  });

  const runDue = () => api.app.get(JobRunner).runDue();
  const warnings = () => {
    const lines = api.log.splice(0).map((line) => JSON.parse(line) as { level: number; msg: string });
    return lines.filter(({ level, msg }) => level > 30 && /job/.test(msg));
  };

  it('fails with one line that needs no stack, is looked for again each minute, and runs once the database is back', async () => {
    const job = api.app.get(HeldJob);
    await runDue();
    await api.sql("UPDATE flexisip_api_jobs SET due = '2020-01-01 00:00:00' WHERE name = 'held-job'");
    const run = job.hold();
    const first = runDue();
    await run.begun;
    await server.crash();
    run.end();
    await first;
    expect(warnings()).toEqual([
      expect.objectContaining({
        level: 40,
        msg: expect.stringMatching(/^The job held-job failed, and runs again later: \S/) as string,
      }),
    ]);
    await runDue();
    expect(warnings()).toEqual([
      expect.objectContaining({
        level: 40,
        msg: expect.stringMatching(
          /^The jobs that are due cannot be looked up, which is tried again in 60 s: \S/,
        ) as string,
      }),
    ]);

    await server.comeBack();
    await untilServed(() => api.send({ path: '/health/ready' }));
    api.clock.advance(api.app.get(JobLeases).lifetime + 1);
    await runDue();
    expect(job.begun).toBe(3);
    expect(await samplesOf(api, 'flexisip_api_job_runs_total')).toMatchObject({
      'name="held-job",outcome="done"': 2,
      'name="held-job",outcome="failed"': 1,
    });
    expect(unhandled).not.toHaveBeenCalled();
  });
});
