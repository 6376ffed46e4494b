/** A fleet in a process of its own, moved by messages of the test: a method's name and arguments, answered by what it gives. */
import { Fleet, type FleetSettings } from './fleet.ts';

export interface FleetQuestion {
  readonly id: number;
  readonly method: 'start' | 'write' | 'status' | 'behind' | 'judge';
  readonly argument: unknown;
}

let fleet: Fleet | null = null;

async function answerTo({ method, argument }: FleetQuestion): Promise<unknown> {
  switch (method) {
    case 'start':
      fleet = new Fleet(argument as FleetSettings);
      return null;
    case 'write':
      return fleet?.write(argument as number);
    case 'status':
      return fleet?.status();
    case 'behind':
      return fleet?.behind(argument as Readonly<Record<string, number>>);
    case 'judge':
      return fleet?.judge();
  }
}

process.on('message', (question: FleetQuestion) => {
  void answerTo(question).then(
    (answer) => process.send?.({ id: question.id, answer }),
    (error: unknown) => process.send?.({ id: question.id, error: String(error) }),
  );
});
// The test is gone: nobody waits for this any more.
process.on('disconnect', () => process.exit(0));
