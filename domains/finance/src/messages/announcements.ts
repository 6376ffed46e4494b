/**
 * What owners tell the apps of a tenant: `system_notification`, `maintenance_notification` with the `status` before it,
 * and any `status`. Apps sync only while the last status was `online`.
 */
import { z } from 'zod';

export const STATUSES = ['online', 'offline', 'maintenance', 'error', 'startup', 'shutdown'] as const;
export type AppStatus = (typeof STATUSES)[number];

export const NOTIFICATION_TYPES = ['info', 'warning', 'error'] as const;

export const noticeText = z.string().min(1).max(1_000);

export const statusMessage = (status: AppStatus, message?: string) => ({
  type: 'status',
  status,
  ...(message !== undefined && { message }),
});

export const systemNotification = (
  kind: (typeof NOTIFICATION_TYPES)[number],
  message: string,
  at: number,
) => ({ type: 'system_notification', notification_type: kind, message, timestamp: Math.floor(at / 1_000) });

export const maintenanceNotification = (isOn: boolean, message: string, at: number) => ({
  type: 'maintenance_notification',
  maintenance_enabled: isOn,
  message,
  timestamp: Math.floor(at / 1_000),
});
