import { ApiExtraModels, ApiOkResponse, ApiParam, getSchemaPath } from '@nestjs/swagger';
import { applyDecorators } from '@nestjs/common';
import { DeviceDto } from './dto/device.dto.js';

/** Documents `{uuid}` of a path. */
export const ApiUuid = () =>
  ApiParam({
    name: 'uuid',
    description: 'The uuid of the device, as in the list of devices.',
    schema: { type: 'string', example: 'urn:uuid:7a3d8e90-1111-2222-3333-0123456789ab' },
  });

/** Documents an answer with devices, keyed by uuid. */
export const ApiDevices = () =>
  applyDecorators(
    ApiExtraModels(DeviceDto),
    ApiOkResponse({
      description: 'The devices; an empty object if there are none.',
      schema: { type: 'object', additionalProperties: { $ref: getSchemaPath(DeviceDto) } },
    }),
  );
