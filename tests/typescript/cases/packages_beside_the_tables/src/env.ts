import { createEnv } from '@t3-oss/env-core';
import { z } from 'zod';

export const env = createEnv({
  server: { APP_REGION: z.string().regex(/^\w+-\d$/), APP_MAX_TITLE: z.coerce.number().int().positive(), NODE_ENV: z.enum(['development', 'test', 'production']).default('development') },
  clientPrefix: 'PUBLIC_',
  client: {},
  runtimeEnv: process.env,
  emptyStringAsUndefined: true,
});
