import type { Setting, SettingGroup } from '../../src/config/setting.js';
import { groupNames, groups } from '../../src/config/variables.js';
import { conditionsOf, factsOf } from './facts.js';

const WIDTH = 120;

const INTRODUCTION = String.raw`
# Settings of the Flexisip API. Copy this file to ${'`.env`'}, or set the variables in the environment, which wins.
# Everything has a default except where noted; an empty value counts as not set. All mistakes are reported at start.
# docs/settings.md has the same to read. ${'`npm run settings`'} makes both.
#
# How to write a value. The file is text in UTF-8, a setting in each line:
#
#   PORT=3000                            as it is, up to the end of the line; ${'` # comment`'} may follow
#   DB_PASSWORD='it is $ecret#1'         in single quotes: every character counts as it stands, # $ " \ and blanks too
#   DB_PASSWORD="it's #1"                in double quotes: a value that holds a single quote, and neither $ nor \
#   DB_PASSWORD_FILE=/run/secrets/db     in a file of its own, which holds nothing else: for any secret or certificate
#   REDIS_URL='redis://:p%40ss@host/0'   in a URL: a password is percent-encoded (/ is %2F, ? is %3F, # is %23)
#
# A backslash in double quotes is refused. Only certificates, keys, templates and texts may have several lines: in
# double quotes \n and \r stand for their ends. ${'${NAME}'} and $(command) are not filled in. Refused are a value that
# could be read in two ways, a name that is no setting, two values for one name, and a setting without effect.
#
# docker compose and systemd read such a file as well, by rules of their own. Single quotes mean the same to all three.
# docker compose fills in $NAME everywhere else: put a value that holds $ in single quotes, or in a file.
# ${'`docker run --env-file`'} takes quotes for a part of the value.
`.trimStart();

/** The text of `.env.example`. */
export function envExample(): string {
  return [INTRODUCTION, ...groupNames.map((name) => chapter(groups[name]))].join('\n');
}

function chapter({ title, introduction, settings }: SettingGroup): string {
  const heading = `# --- ${title} `.padEnd(WIDTH, '-');
  const paragraphs = [introduction === undefined ? heading : `${heading}\n${comment(introduction)}`];
  let driver: string | undefined;
  for (const [name, setting] of Object.entries(settings)) {
    if (setting.with !== undefined && setting.with !== driver) paragraphs.push(`# -- With ${setting.with} --`);
    driver = setting.with;
    paragraphs.push(`${comment(describe(name, setting))}\n${line(name, setting)}`);
  }
  return `${paragraphs.join('\n\n')}\n`;
}

function describe(name: string, setting: Setting): string {
  const { values, byDefault, defaultInWords, hasFile } = factsOf(setting);
  // The line below shows the default, unless it shows something else.
  const isShown = defaultInWords === `\`${setting.example ?? byDefault}\``;
  return [
    setting.text,
    ...(values === null ? [] : [`Values: ${values}.`]),
    ...(defaultInWords === null || isShown ? [] : [`Default: ${defaultInWords}.`]),
    ...conditionsOf(setting, setting.with),
    ...(hasFile && setting.file === undefined ? [`Also as ${name}_FILE.`] : []),
  ].join(' ');
}

function line(name: string, { file, example, ...setting }: Setting): string {
  if (file !== undefined) return `#${name}_FILE=${file}`;
  return `#${name}=${example ?? factsOf(setting).byDefault ?? ''}`;
}

/** A text as a comment, in lines that fit. */
function comment(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && `${last} ${word}`.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`# ${word}`);
  }
  return lines.join('\n');
}
