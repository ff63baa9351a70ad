/** Commands of the MySQL protocol that are distinguished here, by their first byte. */
const COMMAND = {
  quit: 0x01,
  query: 0x03,
  ping: 0x0e,
  prepare: 0x16,
  execute: 0x17,
  closeStatement: 0x19,
  reset: 0x1f,
} as const;

/** Extracts the packets of one direction of a connection from its bytes, however these are divided. */
class Packets {
  private rest = Buffer.alloc(0);

  constructor(private readonly take: (sequence: number, payload: Buffer) => void) {}

  readonly add = (bytes: Buffer): void => {
    this.rest = Buffer.concat([this.rest, bytes]);
    // Three bytes of length, one byte of sequence number.
    while (this.rest.length >= 4) {
      const end = 4 + this.rest.readUIntLE(0, 3);
      if (this.rest.length < end) return;
      const [sequence, payload] = [this.rest.readUInt8(3), this.rest.subarray(4, end)];
      this.rest = this.rest.subarray(end);
      this.take(sequence, payload);
    }
  };
}

/**
 * Listens to an unencrypted, uncompressed connection between a client and a MySQL server. It reports each request of
 * the client: the text of each statement that is run, prepared or not, and the names of other commands. It does not
 * report the preparation, which a connection does once.
 */
export class MysqlListener {
  private readonly prepared = new Map<number, string>();
  /** The statement whose id the server has not sent yet. */
  private preparing: string | null = null;
  private readonly ofClient = new Packets((sequence, payload) => {
    // Other packets continue an earlier one: the handshake, or the rest of a long statement.
    if (sequence === 0 && payload.length > 0) this.hear(payload);
  });
  private readonly ofServer = new Packets((_sequence, payload) => this.hearAnswer(payload));

  constructor(private readonly tell: (asked: string) => void) {}

  get fromClient(): (bytes: Buffer) => void {
    return this.ofClient.add;
  }

  get fromServer(): (bytes: Buffer) => void {
    return this.ofServer.add;
  }

  private hear(payload: Buffer): void {
    const command = payload.readUInt8(0);
    switch (command) {
      case COMMAND.query:
        return this.tell(textOf(payload));
      case COMMAND.prepare:
        this.preparing = payload.toString('utf8', 1);
        return;
      case COMMAND.execute:
        return this.tell(this.prepared.get(payload.readUInt32LE(1)) ?? 'a prepared statement that nobody prepared');
      case COMMAND.closeStatement:
        this.prepared.delete(payload.readUInt32LE(1));
        return;
      default:
        return this.tell(nameOf(command));
    }
  }

  /**
   * A client that prepares a statement sends nothing until it gets the response, so the next packet is the response.
   */
  private hearAnswer(payload: Buffer): void {
    if (this.preparing !== null && payload[0] === 0) this.prepared.set(payload.readUInt32LE(1), this.preparing);
    this.preparing = null;
  }
}

/** For MySQL 8, but not MariaDB, two bytes before the statement say that there are no attributes. */
function textOf(query: Buffer): string {
  return query.toString('utf8', query[1] === 0 ? 3 : 1);
}

function nameOf(command: number): string {
  const [name] = Object.entries(COMMAND).find(([, code]) => code === command) ?? [`command ${command}`];
  return name.toUpperCase();
}
