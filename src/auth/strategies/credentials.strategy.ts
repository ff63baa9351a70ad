import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-custom';
import { Credentials } from '../credentials.service.js';

/** Finds the caller by `From` and an API key or a Digest response (protocol §2). Used on the routes of the API. */
@Injectable()
export class CredentialsStrategy extends Strategy {
  constructor(credentials: Credentials) {
    super(
      (request, done) =>
        void credentials.callerOf(request as unknown as FastifyRequest).then(done.bind(null, null), done),
    );
  }
}
