/**
 * The other processes of the same server: `ackord start --workers` runs several, which share a port, and hear of each
 * other's commits without Redis. How they reach each other is the command's business.
 */

/** What a process counted, as its registry gives it out. Opaque: it only goes from process to process. */
export type CountedMetrics = readonly object[];

export interface Siblings {
  /** Hands a text to all others. False: it was dropped, too much is under way or nobody is there. Never throws. */
  tell(text: string): boolean;
  /** Called with what others tell, from now on. */
  listen(listener: (text: string) => void): void;
  /** From now on this process is asked so for what it has counted. */
  offerMetrics(count: () => Promise<CountedMetrics>): void;
  /** What all processes have counted, this one included, as far as they answer in time. */
  allMetrics(): Promise<readonly CountedMetrics[]>;
}
