/** How much of a GPX file is read. Files come from anywhere; real ones are far below all of this. */
export const GPX_LIMITS = {
  fileBytesMax: 64 * 1024 * 1024,
  pointsMax: 500_000,
  depthMax: 64,
  nameLengthMax: 200,
  descriptionLengthMax: 5_000,
} as const;
