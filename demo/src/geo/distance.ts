/**
 * The length of the shortest line between two points on the WGS84 ellipsoid, by Lambert's formula.
 * Inputs are degrees, the answer metres. Good to some 10 m over thousands of kilometres, to millimetres between the
 * points of a recorded track; no iteration, so it always ends.
 */
export interface Position {
  /** Degrees north. */
  readonly latitude: number;
  /** Degrees east. */
  readonly longitude: number;
}

const EQUATOR_RADIUS_METERS = 6_378_137;
const FLATTENING = 1 / 298.257223563;
/** Beyond this angle, close to the other side of the earth, the correction has no limit: the sphere must do. */
const CORRECTED_ANGLE_MAX = 3.1;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Latitude as it is on the sphere that the ellipsoid is flattened from. */
const reduced = (latitude: number): number => Math.atan((1 - FLATTENING) * Math.tan(radians(latitude)));

export function distanceMeters(a: Position, b: Position): number {
  const [from, to] = [reduced(a.latitude), reduced(b.latitude)];
  const angle = centralAngle(from, to, radians(b.longitude - a.longitude));
  if (angle === 0) return 0;
  if (angle > CORRECTED_ANGLE_MAX) return EQUATOR_RADIUS_METERS * angle;
  const [middle, half] = [(from + to) / 2, (to - from) / 2];
  const x = ((angle - Math.sin(angle)) * (Math.sin(middle) * Math.cos(half)) ** 2) / Math.cos(angle / 2) ** 2;
  const y = ((angle + Math.sin(angle)) * (Math.cos(middle) * Math.sin(half)) ** 2) / Math.sin(angle / 2) ** 2;
  return EQUATOR_RADIUS_METERS * (angle - (FLATTENING / 2) * (x + y));
}

/** The haversine keeps its digits between points that are centimetres apart. */
function centralAngle(from: number, to: number, turn: number): number {
  const haversine = Math.sin((to - from) / 2) ** 2 + Math.cos(from) * Math.cos(to) * Math.sin(turn / 2) ** 2;
  return 2 * Math.asin(Math.min(1, Math.sqrt(haversine)));
}
