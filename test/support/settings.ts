/** The key of services under test. */
export const APP_KEY = 'a secret for the tests, not for you';

/** The minimal settings of a service on MySQL. */
export const MYSQL_SETTINGS = {
  APP_KEY,
  DB_DRIVER: 'mysql',
  DB_DATABASE: 'flexisip',
  DB_USERNAME: 'flexisip',
  PUSH_DRIVER: 'log',
  MAIL_DRIVER: 'log',
  SMS_DRIVER: 'log',
  CAPTCHA_DRIVER: 'none',
  DEVICES_DRIVER: 'none',
};
