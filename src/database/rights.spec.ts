import { missingInGrants } from './rights.js';

const USAGE_ONLY = "GRANT USAGE ON *.* TO `flexisip`@`%` IDENTIFIED BY PASSWORD '*0'";
const ALL = ['CREATE', 'ALTER', 'INDEX', 'REFERENCES'];

describe('Rights for migrations', () => {
  it.each([
    ['GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION'],
    ['GRANT ALL PRIVILEGES ON `flexisip_1`.* TO `flexisip`@`%`'],
    ['GRANT ALL PRIVILEGES ON `flexisip\\_1`.* TO `flexisip`@`%`'],
    ['GRANT ALL PRIVILEGES ON `flexi%`.* TO `flexisip`@`%`'],
    ['GRANT SELECT, CREATE, DROP, REFERENCES, INDEX, ALTER ON `flexisip_1`.* TO `flexisip`@`%`'],
    ['GRANT SELECT, CREATE, REFERENCES, INDEX, ALTER ON `flexisip_1`.* TO `flexisip`@`%`'],
    ['GRANT `operators` TO `flexisip`@`%`'],
  ])('are complete with %s', (grant) => {
    expect(missingInGrants([USAGE_ONLY, grant], 'flexisip_1', ALL)).toEqual([]);
  });

  it.each([
    [USAGE_ONLY, ALL],
    ['GRANT ALL PRIVILEGES ON `flexisip`.* TO `flexisip`@`%`', ALL],
    ['GRANT ALL PRIVILEGES ON `flexisip\\%`.* TO `flexisip`@`%`', ALL],
    ['GRANT ALL PRIVILEGES ON `flexisip_1`.`accounts` TO `flexisip`@`%`', ALL],
    ['GRANT SELECT, CREATE, INDEX, ALTER ON `flexisip_1`.* TO `flexisip`@`%`', ['REFERENCES']],
  ])('are incomplete with %s', (grant, missing) => {
    expect(missingInGrants([USAGE_ONLY, grant], 'flexisip_1', ALL)).toEqual(missing);
  });
});
