/**
 * Where the story goes: from Zürich over the Alps to the sea, by bicycle. Four trips of six stages each; between the
 * first and the second a train takes the travellers through the Gotthard tunnel.
 */
export interface Stop {
  readonly name: string;
  /** Two letters, ISO 3166. */
  readonly country: string;
  /** Metres above the sea, roughly: the towns' data have none. */
  readonly elevation: number;
}

export interface PlannedTrip {
  readonly name: string;
  readonly countries: string;
  /** A trip has a stage from each stop to the next. */
  readonly stops: readonly Stop[];
  /** How far the way rises and falls between two stops, in metres. */
  readonly relief: number;
}

const swiss = (name: string, elevation: number): Stop => ({ name, country: 'CH', elevation });
const italian = (name: string, elevation: number): Stop => ({ name, country: 'IT', elevation });

export const ROUTE: readonly PlannedTrip[] = [
  {
    name: 'Up to the Gotthard',
    countries: 'Switzerland',
    relief: 40,
    stops: [
      swiss('Zürich', 408),
      swiss('Horgen', 410),
      swiss('Zug', 425),
      swiss('Luzern', 436),
      swiss('Altdorf', 458),
      swiss('Erstfeld', 472),
      swiss('Andermatt', 1437),
    ],
  },
  {
    name: 'Down the Ticino',
    countries: 'Switzerland, Italy',
    relief: 60,
    stops: [
      swiss('Airolo', 1175),
      swiss('Faido', 711),
      swiss('Biasca', 301),
      swiss('Bellinzona', 238),
      swiss('Locarno', 205),
      swiss('Lugano', 273),
      italian('Como', 201),
    ],
  },
  {
    name: 'Across the plain',
    countries: 'Italy',
    relief: 12,
    stops: [
      italian('Como', 201),
      italian('Lecco', 214),
      italian('Bergamo', 249),
      italian('Crema', 79),
      italian('Piacenza', 61),
      italian('Voghera', 96),
      italian('Tortona', 122),
    ],
  },
  {
    name: 'Down to the sea',
    countries: 'Italy',
    relief: 90,
    stops: [
      italian('Tortona', 122),
      italian('Novi Ligure', 197),
      italian('Busalla', 358),
      italian('Genoa', 20),
      italian('Camogli', 32),
      italian('Rapallo', 6),
      italian('Sestri Levante', 10),
    ],
  },
];
