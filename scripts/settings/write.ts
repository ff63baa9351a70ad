// `npm run settings`: writes what is made of the declarations of settings, in the working folder.
import { writeFileSync } from 'node:fs';
import { filesOfSettings } from './files.js';

for (const [file, text] of Object.entries(filesOfSettings('.'))) writeFileSync(file, text);
