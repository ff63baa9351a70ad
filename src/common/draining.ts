import { Injectable } from '@nestjs/common';

/**
 * Whether the process was told to stop. From then on, it is not ready and keeps no connection open for another request.
 */
@Injectable()
export class Draining {
  private hasBegun = false;

  get isUnderWay(): boolean {
    return this.hasBegun;
  }

  begin(): void {
    this.hasBegun = true;
  }
}
