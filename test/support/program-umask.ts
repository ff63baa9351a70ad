import { keepNewFilesPrivate } from '../../src/common/private-files.js';

// An application within a test creates its files as a program does, in whatever order files of tests run in one process.
keepNewFilesPrivate();
