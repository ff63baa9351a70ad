import { ApiProperty } from '@nestjs/swagger';

/** Credentials for the TURN server. */
export class TurnDto {
  /** Begins with the moment until which the server accepts it, in seconds since 1970. */
  @ApiProperty({ example: '1767312000:42' })
  username: string;

  @ApiProperty({ example: 'T1Cfh3g0d1yXMZ1rUc7gR0hQm2A=' })
  password: string;

  /** The seconds for which the server accepts them. */
  @ApiProperty({ type: 'integer', example: 86_400 })
  ttl: number;

  /** The addresses of the server (RFC 7065), the preferred one first. */
  @ApiProperty({ example: ['turn:turn.example.org:3478?transport=udp'] })
  uris: string[];
}
