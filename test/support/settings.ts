/** The minimal settings of a service on MySQL. */
export const MYSQL_SETTINGS = {
  APP_KEY: 'k'.repeat(32),
  DB_DRIVER: 'mysql',
  DB_DATABASE: 'flexisip',
  DB_USERNAME: 'flexisip',
  PUSH_DRIVER: 'log',
  MAIL_DRIVER: 'log',
  SMS_DRIVER: 'log',
  DEVICES_DRIVER: 'none',
};
