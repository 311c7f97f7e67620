/** When a tutor takes lessons: hours of the day, per weekday, in the tutor's own time zone. */
export interface Availability {
  timezone: string;
  weekdays: { from: number; to: number };
  weekends: { from: number; to: number } | null;
}

export const defaultAvailability: Availability = {
  timezone: 'UTC',
  weekdays: { from: 15, to: 20 },
  weekends: null,
};
