import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../test/support/private-mariadb.js';
import { type Installation, PROGRAMS } from './installation.js';
import type { Target } from './measure.js';
import type { Server } from './server.js';

/** Milliseconds between two checks whether the proxy listens. */
const LOOK = 20;

/** Several services on one database, like on several hosts, behind an nginx that distributes requests in turn. */
export class Hosts implements Target {
  private constructor(
    private readonly servers: readonly Server[],
    private readonly proxy: ChildProcess,
    readonly origin: string,
  ) {}

  /** @param settings of each service. */
  static async start(
    installation: Installation,
    count: number,
    settings: Readonly<Record<string, string>>,
  ): Promise<Hosts> {
    const servers: Server[] = [];
    for (let host = 0; host < count; host += 1) {
      servers.push(await installation.server(PROGRAMS.service, { TRUST_PROXY: '127.0.0.1', ...settings }));
    }
    const port = await freePort();
    const folder = join(installation.folder, `nginx-${port}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'nginx.conf'), configuration(port, servers));
    const proxy = spawn('nginx', ['-p', folder, '-e', 'error.log', '-c', 'nginx.conf'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await Promise.race([once(proxy, 'spawn'), once(proxy, 'error')]);
    if (proxy.pid === undefined) throw new Error('nginx was not found: apt-get install nginx-light');
    const hosts = new Hosts(servers, proxy, `http://127.0.0.1:${port}`);
    while (!(await answers(hosts.origin))) await new Promise((resolve) => setTimeout(resolve, LOOK));
    return hosts;
  }

  get memory(): number {
    return this.servers.reduce((sum, { memory }) => sum + memory, 0);
  }

  cpuTime(): number {
    return this.servers.reduce((sum, server) => sum + server.cpuTime(), 0);
  }

  async stop(): Promise<void> {
    const ended = once(this.proxy, 'exit');
    this.proxy.kill('SIGTERM');
    await ended;
    for (const server of this.servers) await server.stop();
  }
}

function configuration(port: number, servers: readonly Server[]): string {
  const places = servers.map(({ origin }) => `server ${new URL(origin).host};`).join(' ');
  return `
daemon off;
worker_processes 1;
pid nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  upstream service { ${places} keepalive 64; }
  server {
    listen 127.0.0.1:${port} backlog=1024;
    keepalive_requests 1000000;
    location / {
      proxy_pass http://service;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
    }
  }
}
`;
}

async function answers(origin: string): Promise<boolean> {
  try {
    return (await fetch(`${origin}/api/ping`)).ok;
  } catch {
    return false;
  }
}
