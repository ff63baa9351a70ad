import { ApiParam } from '@nestjs/swagger';

/** Documents `{id}` of a path. */
export const ApiId = () =>
  ApiParam({ name: 'id', description: 'The id of the account.', schema: { type: 'integer', minimum: 1, example: 42 } });
