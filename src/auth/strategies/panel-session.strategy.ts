import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-custom';
import { PanelSessions } from '../sessions/panel-sessions.service.js';

/** Finds the caller by the panel session. Used on the pages of the panel. */
@Injectable()
export class PanelSessionStrategy extends Strategy {
  constructor(sessions: PanelSessions) {
    super(
      (request, done) => void sessions.callerOf(request as unknown as FastifyRequest).then(done.bind(null, null), done),
    );
  }
}
