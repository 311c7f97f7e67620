export const LIMITS = { name: 80, roles: ['owner', 'guest'] } as const;
