import { Api } from '../support/api.js';
import { BEHIND_PROXY } from '../support/public-routes.js';
import { testPhoneRaces } from './phone-races.js';

describe('Numbers taken at the same time', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: BEHIND_PROXY });
  });
  afterAll(() => api.stop());

  testPhoneRaces(() => api);
});
