import { DataSource } from 'typeorm';
import { keepNewFilesPrivate } from './src/common/private-files.js';
import { loadProcessSettings } from './src/config/load-settings.js';
import { connectionOptions } from './src/database/connection-options.js';

keepNewFilesPrivate();

/** The data source of the TypeORM command line: `npx typeorm -d dist/ormconfig.js migration:show`. */
export default new DataSource(connectionOptions(loadProcessSettings()));
