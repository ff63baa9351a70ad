import { applyDecorators, SetMetadata } from '@nestjs/common';

export const PUBLIC = 'access:public';
export const ADMIN_ONLY = 'access:admin';

/** Opens a route to everybody. Without it, a caller must be authenticated and activated. */
export const Public = () => applyDecorators(SetMetadata(PUBLIC, true));

/** Closes a route to all but administrators. */
export const AdminOnly = () => applyDecorators(SetMetadata(ADMIN_ONLY, true));
