import { Injectable } from '@nestjs/common';

/** Whether the process has been told to stop. From then on it is not ready, and no connection is kept for another request. */
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
