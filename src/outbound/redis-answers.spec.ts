import { isNotHere, isUnknownCommand, redisReason } from './redis-answers.js';

describe('An error of Redis', () => {
  it.each([
    ['ERR invalid password', 'WRONGPASS (user or password is wrong)', true],
    ['ERR max number of clients reached', 'MAXCLIENTS (max number of clients reached)', true],
    ['ERR SELECT is not allowed in cluster mode', 'MOVED (a node of a Redis Cluster, which is not supported)', true],
    ["NOPERM this user has no permissions to run the 'eval' command", 'NOPERM (the user lacks a right: eval)', true],
    [
      "ERR unknown command 'HGETALL', with args beginning with: 'fs:secret@example.org' ",
      'ERR (unknown command: hgetall)',
      false,
    ],
    ['ERR unknown command `info`, with args beginning with: ', 'ERR (unknown command: info)', false],
    ["ERR unknown command 'se cret'", 'ERR (unknown command)', false],
    ['ERR value is not an integer: secret', 'ERR', false],
  ])('%s is reported as %s', (answer, reason, notHere) => {
    const error = Object.assign(new Error(answer), { name: 'ReplyError' });
    expect(redisReason(error)).toBe(reason);
    expect(isNotHere(error)).toBe(notHere);
    expect(isUnknownCommand(error)).toBe(reason.includes('unknown command'));
  });
});
