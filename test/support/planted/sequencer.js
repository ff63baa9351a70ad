const { default: Sequencer } = require('@jest/test-sequencer');

/** Runs test files in the order of PLANTED_TESTS. */
module.exports = class extends Sequencer {
  sort(tests) {
    const order = JSON.parse(process.env.PLANTED_TESTS ?? '[]');
    const place = ({ path }) => order.findIndex((file) => path.endsWith(`/${file}`));
    return [...tests].sort((one, other) => place(one) - place(other));
  }
};
