import { keepNewFilesPrivate } from '../../src/common/private-files.js';

// An application in a test creates its files like a program does, whatever test files ran before in the same process.
keepNewFilesPrivate();
