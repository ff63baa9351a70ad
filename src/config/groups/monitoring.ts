import type { SettingGroup, ValuesOf } from '../setting.js';
import { host, oneOf, wholeNumber } from '../variable-kinds.js';

export const monitoring = {
  title: 'Logs and metrics',
  settings: {
    LOG_LEVEL: {
      schema: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
      text: 'The least severe level that is written.',
      fills: 'logLevel',
    },
    LOG_FORMAT: {
      schema: oneOf(['json', 'pretty']).optional(),
      text: 'How lines are written: `json` for machines, `pretty` for people.',
      otherwise: '`pretty` on a terminal, else `json`',
      example: 'json',
    },
    METRICS_HOST: {
      schema: host('METRICS_PORT').default('127.0.0.1'),
      text: 'Address of METRICS_PORT.',
      noEffect: [{ without: 'METRICS_PORT' }],
    },
    METRICS_PORT: {
      schema: wholeNumber(0, 65_535).optional(),
      text:
        'TCP port for operators only (docs/insight.md): metrics for Prometheus, and details of health. It asks for no ' +
        'credentials.',
      otherwise: 'none',
      example: '9464',
    },
  },
} as const satisfies SettingGroup;

type Values = ValuesOf<typeof monitoring.settings>;

export function monitoringSettings({ LOG_FORMAT, METRICS_HOST, METRICS_PORT }: Values) {
  return {
    metrics: METRICS_PORT === undefined ? null : { host: METRICS_HOST, port: METRICS_PORT },
    logFormat: LOG_FORMAT ?? (process.stdout.isTTY ? ('pretty' as const) : ('json' as const)),
  };
}
