import { ACCESS, BEFORE_ACTIVATION, PAGES } from './support/access.js';

describe('The table of who may call what', () => {
  // Each route says it once, by its decorator. A change shows here, as a line that somebody must accept.
  it('is the one that was accepted', () => {
    expect({ routes: ACCESS, beforeActivation: BEFORE_ACTIVATION, pages: PAGES }).toMatchSnapshot();
  });
});
