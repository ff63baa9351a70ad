import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Milliseconds of one kernel clock tick, the unit of /proc. */
const TICK = 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** A process and all its descendants. */
function withDescendants(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return [pid, ...(children === '' ? [] : children.split(' ').flatMap((child) => withDescendants(Number(child))))];
  } catch {
    return [];
  }
}

/** CPU time of a process and its descendants in milliseconds, in user and kernel mode. */
export function cpuTime(pid: number): number {
  return sum(withDescendants(pid), (one) => {
    // The name of the program is in parentheses and may hold any character. utime and stime are fields 14 and 15.
    const fields = readFileSync(`/proc/${one}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * TICK;
  });
}

/** Resident memory of a process and its descendants, in MB of 10^6 bytes. */
export function residentMemory(pid: number): number {
  return sum(withDescendants(pid), (one) => {
    const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${one}/status`, 'utf8')) ?? [];
    return (Number(kilobytes) * 1024) / 1e6;
  });
}

function sum(pids: readonly number[], value: (pid: number) => number): number {
  return pids.reduce((total, pid) => total + value(pid), 0);
}
