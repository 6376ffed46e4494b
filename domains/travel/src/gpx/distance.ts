/**
 * The length of the shortest line between two places on the WGS84 ellipsoid, in metres; places are in degrees.
 * Vincenty's inverse solution: millimetres along any track, some centimetres around half of the earth. It finds no
 * end between places on opposite sides, so there the line is cut in two: it has to cross the circle that lies 90°
 * around its start somewhere, and where it does, both parts together are shortest. That is good to 10 m in 20,000 km.
 */
export interface Place {
  /** Degrees north, -90 to 90. */
  readonly latitude: number;
  /** Degrees east, -180 to 180. */
  readonly longitude: number;
}

const EQUATOR_METERS = 6_378_137;
const FLATTENING = 1 / 298.257223563;
const POLE_METERS = EQUATOR_METERS * (1 - FLATTENING);
/** Vincenty converges within a few rounds below this angle, and never beyond 179.4°. */
const DIRECT_ANGLE_MAX = (172 / 180) * Math.PI;
const ROUNDS_MAX = 60;
/** Radians of longitude: far below a millimetre. */
const PRECISION = 1e-12;

/** A place on the sphere that the ellipsoid is flattened from: reduced latitude, longitude in radians. */
export interface SpherePlace {
  readonly sin: number;
  readonly cos: number;
  readonly longitude: number;
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Worth keeping for the next step of a track: a third of the work of a distance. */
export function onSphere({ latitude, longitude }: Place): SpherePlace {
  const reduced = Math.atan((1 - FLATTENING) * Math.tan(radians(latitude)));
  return { sin: Math.sin(reduced), cos: Math.cos(reduced), longitude: radians(longitude) };
}

export const distanceMeters = (a: Place, b: Place): number => distanceOf(onSphere(a), onSphere(b));

/** The same for places that are prepared already. */
export function distanceOf(a: SpherePlace, b: SpherePlace): number {
  return angleOf(a, b) > DIRECT_ANGLE_MAX ? aroundTheWorld(a, b) : vincenty(a, b);
}

function vincenty(a: SpherePlace, b: SpherePlace): number {
  const turn = shortTurn(b.longitude - a.longitude);
  let lambda = turn;
  let sinSigma = 0;
  let cosSigma = 1;
  let sigma = 0;
  let cosSqAlpha = 1;
  let cos2Middle = 0;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const [sinLambda, cosLambda] = [Math.sin(lambda), Math.cos(lambda)];
    const across = b.cos * sinLambda;
    const along = a.cos * b.sin - a.sin * b.cos * cosLambda;
    sinSigma = Math.sqrt(across * across + along * along);
    if (sinSigma === 0) return 0;
    cosSigma = a.sin * b.sin + a.cos * b.cos * cosLambda;
    sigma = Math.atan2(sinSigma, cosSigma);
    const sinAlpha = (a.cos * b.cos * sinLambda) / sinSigma;
    cosSqAlpha = 1 - sinAlpha * sinAlpha;
    // Along the equator there is no middle to speak of.
    cos2Middle = cosSqAlpha > 1e-15 ? cosSigma - (2 * a.sin * b.sin) / cosSqAlpha : 0;
    const c = (FLATTENING / 16) * cosSqAlpha * (4 + FLATTENING * (4 - 3 * cosSqAlpha));
    const before = lambda;
    const inner = cos2Middle + c * cosSigma * (2 * cos2Middle * cos2Middle - 1);
    lambda = turn + (1 - c) * FLATTENING * sinAlpha * (sigma + c * sinSigma * inner);
    if (Math.abs(lambda - before) < PRECISION) break;
  }
  return lengthOf({ sinSigma, cosSigma, sigma, cosSqAlpha, cos2Middle });
}

interface Arc {
  readonly sinSigma: number;
  readonly cosSigma: number;
  readonly sigma: number;
  readonly cosSqAlpha: number;
  readonly cos2Middle: number;
}

/** From the angle on the sphere to metres on the ellipsoid. */
function lengthOf({ sinSigma, cosSigma, sigma, cosSqAlpha, cos2Middle }: Arc): number {
  const uSq = (cosSqAlpha * (EQUATOR_METERS ** 2 - POLE_METERS ** 2)) / POLE_METERS ** 2;
  const a = 1 + (uSq / 16384) * (4096 + uSq * (-768 + uSq * (320 - 175 * uSq)));
  const b = (uSq / 1024) * (256 + uSq * (-128 + uSq * (74 - 47 * uSq)));
  const middleSq = cos2Middle * cos2Middle;
  const outer = (b / 6) * cos2Middle * (4 * sinSigma * sinSigma - 3) * (4 * middleSq - 3);
  const correction = b * sinSigma * (cos2Middle + (b / 4) * (cosSigma * (2 * middleSq - 1) - outer));
  return POLE_METERS * a * (sigma - correction);
}

/** Looks at the directions that leave `a` in steps, then halves the steps around the best one. */
function aroundTheWorld(a: SpherePlace, b: SpherePlace): number {
  const through = (direction: number): number => {
    const middle = quarterFrom(a, direction);
    return vincenty(a, middle) + vincenty(middle, b);
  };
  let step = Math.PI / 6;
  let best = 0;
  let shortest = Number.POSITIVE_INFINITY;
  const look = (direction: number): void => {
    const length = through(direction);
    if (length < shortest) [best, shortest] = [direction, length];
  };
  for (let index = 0; index < 12; index += 1) look(index * step);
  // The length is flat around its minimum: a step of 0.001 rad changes it by some metres.
  while (step > 0.001) {
    step /= 2;
    const center = best;
    look(center - step);
    look(center + step);
  }
  return shortest;
}

/** The place 90° away on the sphere, in a direction counted from north in radians. */
function quarterFrom(a: SpherePlace, direction: number): SpherePlace {
  const sin = a.cos * Math.cos(direction);
  const turn = Math.atan2(Math.sin(direction) * a.cos, -a.sin * sin);
  return { sin, cos: Math.sqrt(1 - sin * sin), longitude: a.longitude + turn };
}

function angleOf(a: SpherePlace, b: SpherePlace): number {
  const cos = a.sin * b.sin + a.cos * b.cos * Math.cos(b.longitude - a.longitude);
  // Rounding may take it beyond what an angle can have.
  return Math.acos(Math.max(-1, Math.min(1, cos)));
}

/** The same turn the short way, -π to π. */
function shortTurn(turn: number): number {
  if (turn > Math.PI) return turn - 2 * Math.PI;
  return turn < -Math.PI ? turn + 2 * Math.PI : turn;
}
