interface Settings {
  region: string;
}
const settings = JSON.parse('null') as Settings | null;

export const region = settings!.region;
