import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Both in PEM format. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Creates a self-signed certificate for 127.0.0.1, or for another host. */
export function selfSignedCertificate(subject = 'IP:127.0.0.1'): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'flexisip-api-certificate-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  try {
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '2'];
    const name = ['-subj', '/CN=a service of the tests', '-addext', `subjectAltName=${subject}`];
    execFileSync('openssl', ['req', ...kind, ...name, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** An expired self-signed certificate for `localhost`. */
export function expiredCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'flexisip-api-certificate-'));
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
  const configuration = `
    [ca]\ndefault_ca = own\n[own]\ndatabase = index\nserial = serial\nnew_certs_dir = .\ndefault_md = sha256\npolicy = any\nx509_extensions = names
    [any]\ncommonName = supplied\n[names]\nsubjectAltName = DNS:localhost`;
  try {
    writeFileSync(join(folder, 'ca.cnf'), configuration);
    writeFileSync(join(folder, 'index'), '');
    writeFileSync(join(folder, 'serial'), '01');
    openssl(
      'req',
      '-new',
      '-newkey',
      'rsa:2048',
      '-noenc',
      '-subj',
      '/CN=expired',
      '-keyout',
      'key.pem',
      '-out',
      'request.pem',
    );
    const validity = ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z'];
    openssl(
      'ca',
      '-config',
      'ca.cnf',
      '-batch',
      '-selfsign',
      '-keyfile',
      'key.pem',
      '-in',
      'request.pem',
      '-out',
      'cert.pem',
      '-notext',
      ...validity,
    );
    return { key: readFileSync(join(folder, 'key.pem'), 'utf8'), cert: readFileSync(join(folder, 'cert.pem'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
