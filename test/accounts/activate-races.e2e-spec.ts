import { Api } from '../support/api.js';
import { BEHIND_PROXY } from '../support/public-routes.js';
import { testActivationRaces } from './activate-races.js';

describe('POST /accounts/{sip}/activate, many at once', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: BEHIND_PROXY });
  });
  afterAll(() => api.stop());

  testActivationRaces(() => api);
});
