import { statSync } from 'node:fs';
import type { SettingGroup } from '../setting.js';
import { pathThat } from '../variable-kinds.js';

export const texts = {
  title: 'Texts of mails and SMS',
  settings: {
    MESSAGE_TEMPLATES: {
      schema: pathThat((folder) => statSync(folder).isDirectory(), 'must be the path of a folder').optional(),
      text:
        'Folder with your own texts of mails and SMS; a file there stands in for ours of the same name ' +
        '(docs/deliveries.md).',
      otherwise: 'our texts alone',
    },
  },
} as const satisfies SettingGroup;
