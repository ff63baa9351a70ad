import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Draining } from '../../src/common/draining.js';
import { Settings } from '../../src/config/settings.js';
import { JobLeases } from '../../src/jobs/job-leases.service.js';
import { JobRunner } from '../../src/jobs/job-runner.service.js';
import { Api } from '../support/api.js';
import { samplesOf } from '../support/metrics.js';
import { until } from '../support/until.js';
import { whileRefusing } from '../support/refused-writes.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';
import { HeldJob } from './held-job.js';

const RUNS = 'flexisip_api_job_runs_total';
const SUCCESSES = 'flexisip_api_job_last_success_timestamp_seconds';

/** Seconds between two runs of the job. */
const EVERY = 600;

/** Seconds that the test itself may take. */
const MARGIN = 5;

const runner = (api: Api): JobRunner => api.app.get(JobRunner);
const jobOf = (api: Api): HeldJob => api.app.get(HeldJob);
const runsOf = async (api: Api, outcome: string) =>
  (await samplesOf(api, RUNS))[`name="held-job",outcome="${outcome}"`] ?? 0;

interface Line {
  level: number;
  msg: string;
}

const held = async (api: Api) =>
  (await api.sql("SELECT holder, due FROM flexisip_api_jobs WHERE name = 'held-job'"))[0];

describe('A job', () => {
  let database: TestDatabase;
  let one: Api;
  let other: Api;

  beforeAll(async () => {
    database = await createDatabase();
    one = await Api.start({ database: { ...database, elsewhere: undefined }, jobs: [HeldJob] });
    // On a cluster, the second application uses another node.
    other = await Api.start({
      database: { ...database, environment: database.elsewhere ?? database.environment, elsewhere: undefined },
      jobs: [HeldJob],
    });
  });
  beforeEach(async () => {
    await one.sql('DELETE FROM flexisip_api_jobs');
    for (const api of [one, other]) {
      jobOf(api).begun = 0;
      api.log.length = 0;
    }
  });
  afterEach(() => {
    for (const api of [one, other]) jobOf(api).release();
  });
  afterAll(async () => {
    await other.stop();
    await one.stop();
    await database.remove();
  });

  const runEverywhere = () => Promise.all([one, other, one, other].map((api) => runner(api).runDue()));
  const begun = () => jobOf(one).begun + jobOf(other).begun;
  /** The log lines about the job. Nest has one log for all applications of the process. */
  const lines = () =>
    [...one.log, ...other.log]
      .map((line) => JSON.parse(line) as Line)
      .filter(({ msg }) => msg.startsWith('The job held-job '));
  const lifetime = () => one.app.get(JobLeases).lifetime;

  it('runs once among all processes, however many look at the same moment, and again when it is due', async () => {
    await runEverywhere();
    expect(begun()).toBe(1);
    one.clock.advance(EVERY - MARGIN);
    await runEverywhere();
    expect(begun()).toBe(1);
    one.clock.advance(MARGIN);
    await runEverywhere();
    expect(begun()).toBe(2);
  });

  it('is not begun elsewhere while it runs, and is due again by the start of that run', async () => {
    const run = jobOf(one).hold();
    const first = runner(one).runDue();
    await run.begun;
    one.clock.advance(lifetime() - MARGIN);
    await runner(other).runDue();
    expect(begun()).toBe(1);
    run.end();
    await first;
    one.clock.advance(EVERY - lifetime() - MARGIN);
    await runEverywhere();
    expect(begun()).toBe(1);
    one.clock.advance(2 * MARGIN);
    await runEverywhere();
    expect(begun()).toBe(2);
  });

  it('is taken over from a process that does not end it, never by that process itself, and stays with the one that took it', async () => {
    const run = jobOf(one).hold();
    const first = runner(one).runDue();
    await run.begun;
    one.clock.advance(lifetime() + 1);
    const again = runner(one).runDue();
    const next = jobOf(other).hold();
    const second = runner(other).runDue();
    await Promise.race([next.begun, second]);
    expect([jobOf(one).begun, jobOf(other).begun]).toEqual([1, 1]);
    const before = await held(one);
    run.end();
    await Promise.all([first, again]);
    expect(await held(one)).toEqual(before);
    next.end();
    await second;
    expect(await held(one)).toMatchObject({ holder: '' });
  });

  it('runs where its moment was written by a clock that was far ahead', async () => {
    await one.sql("INSERT INTO flexisip_api_jobs (name, holder, due) VALUES ('held-job', 'somebody', ?)", [
      one.given.moment(3 * EVERY),
    ]);
    await runEverywhere();
    expect(begun()).toBe(1);
  });

  it('that fails is logged once, keeps no other from running, and runs at its next time', async () => {
    const failed = await runsOf(one, 'failed');
    jobOf(one).fail(new Error('it was told to fail'));
    await runner(one).runDue();
    const failures = lines().filter(({ level }) => level > 30);
    expect(failures).toEqual([
      expect.objectContaining({ level: 50, stack: expect.stringContaining('jobs.e2e-spec.ts') as string }),
    ]);
    expect(failures[0]?.msg).toBe('The job held-job failed, and runs again later: it was told to fail');
    expect((await runsOf(one, 'failed')) - failed).toBe(1);
    expect(await held(one)).toMatchObject({ holder: '' });
    expect(one.log.concat(other.log).join('')).toMatch(/The job nonce-purge was done after \d+ ms/);
    await runEverywhere();
    expect(begun()).toBe(1);
    one.clock.advance(EVERY);
    await runEverywhere();
    expect(begun()).toBe(2);
  });

  it('counts as failed where the database does not take its end', async () => {
    const run = jobOf(one).hold();
    const first = runner(one).runDue();
    await run.begun;
    await whileRefusing(one, 'UPDATE', 'flexisip_api_jobs', async () => {
      run.end();
      await first;
    });
    expect(lines().filter(({ level }) => level > 30)).toHaveLength(1);
    one.clock.advance(lifetime() + 1);
    await runEverywhere();
    expect(begun()).toBe(2);
  });

  it('is told to end when its time is over, and counts as interrupted', async () => {
    const time = new AbortController();
    const timeout = jest.spyOn(AbortSignal, 'timeout').mockImplementation(() => time.signal);
    const run = jobOf(one).hold();
    const first = runner(one).runDue();
    await run.begun;
    expect(timeout.mock.calls).toContainEqual([30_000]);
    expect(jobOf(one).signal?.aborted).toBe(false);
    time.abort();
    expect(jobOf(one).signal?.aborted).toBe(true);
    const interrupted = await runsOf(one, 'interrupted');
    run.end();
    await first;
    timeout.mockRestore();
    expect((await runsOf(one, 'interrupted')) - interrupted).toBe(1);
    expect(await one.sql("SELECT holder, succeeded FROM flexisip_api_jobs WHERE name = 'held-job'")).toEqual([
      { holder: '', succeeded: null },
    ]);
  });

  it('has less time where the database was slow to say who runs it', async () => {
    const times: AbortController[] = [];
    const timeout = jest.spyOn(AbortSignal, 'timeout').mockImplementation(() => {
      const time = new AbortController();
      times.push(time);
      return time.signal;
    });
    const leases = one.app.get(JobLeases);
    const { take } = JobLeases.prototype;
    const slow = jest.spyOn(leases, 'take').mockImplementation(async (...job) => {
      const lease = await take.apply(leases, job);
      for (const time of times) time.abort();
      return lease;
    });
    const interrupted = await runsOf(one, 'interrupted');
    await runner(one).runDue();
    slow.mockRestore();
    timeout.mockRestore();
    expect(jobOf(one).signal?.aborted).toBe(true);
    expect((await runsOf(one, 'interrupted')) - interrupted).toBe(1);
  });

  it('is begun nowhere else in its time and the two waits of its last step', async () => {
    const run = jobOf(one).hold();
    const first = runner(one).runDue();
    await run.begun;
    const { databaseTimeout } = one.app.get(Settings);
    one.clock.advance(30 + 2 * databaseTimeout);
    await runner(other).runDue();
    expect(begun()).toBe(1);
    run.end();
    await first;
  });

  it('is counted by its name and its outcome, and every process knows when it was done', async () => {
    const before = await runsOf(one, 'done');
    await runner(one).runDue();
    expect((await runsOf(one, 'done')) - before).toBe(1);
    expect(await samplesOf(one, 'flexisip_api_job_duration_seconds')).toMatchObject({
      'name="held-job"': expect.any(Number) as number,
    });
    await runner(other).runDue();
    const { 'name="held-job"': moment = 0 } = await samplesOf(other, SUCCESSES);
    expect(Math.abs(moment - one.clock.now().getTime() / 1000)).toBeLessThan(MARGIN);
  });

  it('is not begun by a process that is draining', async () => {
    const draining = jest.spyOn(one.app.get(Draining), 'isUnderWay', 'get').mockReturnValue(true);
    await runner(one).runDue();
    expect(begun()).toBe(0);
    draining.mockRestore();
    await runner(one).runDue();
    expect(begun()).toBe(1);
  });
});

describe('The jobs of the service', () => {
  it('run by themselves once they are started, and by the clock, until the service ends', async () => {
    const set = jest.spyOn(global, 'setTimeout');
    const clear = jest.spyOn(global, 'clearTimeout');
    const api = await Api.start({ jobs: [HeldJob] });
    /** The timer of the next look. Database drivers have timers of the same length, so it is read by name. */
    const timer = () => Reflect.get(runner(api), 'timer') as unknown;
    const calls = () => set.mock.calls.filter((_, index) => set.mock.results[index]?.value === timer());
    expect(await api.count('flexisip_api_jobs')).toBe(0);
    expect(timer()).toBeUndefined();

    runner(api).start();
    await until(() => timer() !== undefined && jobOf(api).begun === 1);
    const [first] = calls();
    expect(first?.[1]).toBe(60_000);
    const before = timer();
    api.clock.advance(EVERY);
    first?.[0]();
    await until(() => timer() !== before && jobOf(api).begun === 2);

    const last = timer();
    await api.stop();
    expect(clear.mock.calls.map(([cleared]) => cleared)).toContain(last);
    set.mockRestore();
    clear.mockRestore();
  });

  it('end with the service: a run is asked to end, and waited for, while the database is open', async () => {
    const api = await Api.start({ jobs: [HeldJob] });
    const run = jobOf(api).hold();
    runner(api).start();
    await run.begun;
    const log = api.log;
    const stopped = api.stop();
    await until(() => jobOf(api).signal?.aborted === true);
    run.end();
    await stopped;
    expect(log.filter((line) => line.includes('The job held-job was interrupted'))).toHaveLength(1);
    expect(log.filter((line) => (JSON.parse(line) as { level: number }).level > 30)).toEqual([]);
    await runner(api).runDue();
    expect(jobOf(api).begun).toBe(1);
  });

  it('have names of their own', async () => {
    @Injectable()
    class Namesake extends HeldJob {}
    const database = await createDatabase();
    await expect(Api.start({ database, jobs: [HeldJob, Namesake] })).rejects.toThrow('Two jobs have the same name');
    await database.remove();
  });

  it('are in the list for operators, each with its schedule', async () => {
    const api = await Api.start();
    const docs = readFileSync(join(__dirname, '../../docs/insight.md'), 'utf8');
    const listed = [...docs.matchAll(/^\| `([a-z-]+)` +\| (\d+) (s|h) +\|/gm)].map(([, name, count, unit]) => [
      name,
      Number(count) * (unit === 'h' ? 3_600 : 1),
    ]);
    expect(listed.toSorted()).toEqual(
      runner(api)
        .jobs.map(({ name, every }) => [name, every])
        .toSorted(),
    );
    await api.stop();
  });
});
