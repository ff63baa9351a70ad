import { runFolder } from '../support/run-folder.js';

runFolder(__dirname);
