import { NO_ENV_FILE, type EnvFile, readEnvFile } from './env-file.js';
import { readTextFile } from './text-file.js';
import { unknownNames } from './unknown-names.js';
import { mistakeInPath } from './variable-kinds.js';
import { fileNames, namesInSeveralLines, variableNames, variables } from './variables.js';

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The sources of the settings. */
export interface Sources {
  readonly environment: Environment;
  readonly file: EnvFile;
}

/** Mistakes and warnings. Each is a line that begins with the name of the variable. */
export interface Notes {
  /** Mistakes that keep the service from starting. */
  readonly mistakes: string[];
  /** Values that may be wrong. */
  readonly warnings: string[];
}

const isSecret = (name: string) => (fileNames as readonly string[]).includes(name);
const mayHaveLines = (name: string) => namesInSeveralLines.includes(name);

/** The environment of this process, and the file `.env` of the working folder. */
export function processSources(): Sources {
  return { environment: process.env, file: readEnvFile('.env', { isSecret, mayHaveLines }) };
}

/** Sources without a file. */
export function environmentAlone(environment: Environment): Sources {
  return { environment, file: NO_ENV_FILE };
}

/** All variables by name, as given. An empty variable counts as not set: it does not override the file. */
export function merge({ environment, file }: Sources): Record<string, string> {
  return { ...file.values, ...givenIn(environment) };
}

function givenIn(environment: Environment): Record<string, string> {
  // docker-compose passes `NAME=` for a variable that the operator left out.
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
}

/** All variables by name. Secrets are read from their files. */
export function resolve(sources: Sources, notes: Notes): Environment {
  const given = givenIn(sources.environment);
  noteFile(sources.file, given, notes);
  noteEnvironment(given, notes);
  return readSecretFiles(merge(sources), notes);
}

function noteFile(file: EnvFile, given: Environment, { mistakes, warnings }: Notes): void {
  const line = ({ name, message }: { name: string | null; message: string }) => `${name ?? '.env'}: ${message}`;
  mistakes.push(...file.mistakes.map(line));
  warnings.push(...file.warnings.map(line));
  for (const unknown of unknownNames(Object.keys(file.values))) {
    (unknown.isOurs ? mistakes : warnings).push(`${unknown.name}: stands in .env and ${unknown.message}`);
  }
  for (const [name, value] of Object.entries(file.values)) {
    if (name in variables && given[name] !== undefined && given[name] !== value) {
      warnings.push(`${name}: has another value in the environment than in .env; that of the environment is used`);
    }
  }
}

/** The environment is shared with other programs. Among unknown names, only those that look like ours are reported. */
function noteEnvironment(given: Environment, { warnings }: Notes): void {
  // Docker and Kubernetes describe linked services with such variables: REDIS_PORT=tcp://10.0.0.1:6379.
  const names = Object.keys(given).filter((name) => !/^(tcp|udp):\/\//.test(given[name] ?? ''));
  for (const { name, message, isNear } of unknownNames(names)) if (isNear) warnings.push(`${name}: ${message}`);
  for (const name of [...variableNames, ...fileNames.map((secret) => `${secret}_FILE`)]) {
    const doubt = doubtAbout(name, given[name] ?? '');
    if (doubt !== null) warnings.push(`${name}: ${doubt}`);
  }
}

/** Why a value may be wrong, or null. In the environment, quotes, comments and blanks are part of a value. */
function doubtAbout(name: string, value: string): string | null {
  if (value !== value.trim() && !mayHaveLines(name))
    return 'begins or ends with a blank or a line break in the environment: remove it';
  if (/^(["']).*\1$/s.test(value)) {
    return 'has quotes around its value, which are part of it in the environment (docker run --env-file keeps them)';
  }
  if (/\s#/.test(value))
    return 'what follows # is part of its value in the environment (systemd and docker run --env-file keep it)';
  return null;
}

function readSecretFiles(given: Record<string, string>, { mistakes, warnings }: Notes): Environment {
  const raw = { ...given };
  for (const name of variableNames) {
    const file = raw[`${name}_FILE`];
    if (file === undefined) continue;
    if (!isSecret(name)) mistakes.push(`${name}_FILE: is no setting of this service: give the value itself as ${name}`);
    else if (mistakeInPath(file) !== null) mistakes.push(`${name}_FILE: ${mistakeInPath(file)}`);
    else if (raw[name] !== undefined) mistakes.push(`${name}_FILE: cannot be combined with ${name}`);
    else {
      const read = readSecret(name, file);
      if ('problem' in read) {
        mistakes.push(`${name}_FILE: the file ${read.problem}`);
        continue;
      }
      raw[name] = read.text;
      if (read.text !== read.text.trim() && !mayHaveLines(name))
        warnings.push(`${name}_FILE: the value begins or ends with a blank, which is part of it`);
      if (/^(["']).*\1$/.test(read.text))
        warnings.push(`${name}_FILE: the value has quotes around it, which are part of it`);
    }
  }
  return raw;
}

/** The value that a file holds. The final line break is not part of it. */
function readSecret(name: string, path: string): ReturnType<typeof readTextFile> {
  const read = readTextFile(path);
  if ('problem' in read) return read;
  const text = read.text.replace(/\r?\n$/, '');
  if (text.trim() === '') return { problem: 'is empty' };
  const isOneLine = mayHaveLines(name) || !/[\r\n]/.test(text);
  return isOneLine ? { text } : { problem: 'has several lines: the value must be one' };
}
