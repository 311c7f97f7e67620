import 'dotenv/config';
import { config } from 'dotenv';

config({ path: '.env.local' });

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

export const prefix = required('TABLE_PREFIX');
export const isProduction = process.env.NODE_ENV === 'production';
