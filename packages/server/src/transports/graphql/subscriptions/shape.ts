/**
 * Do all viewers of a record read the same, with this document? Then its answer is made once for all of them. What a
 * resolver finds out may differ: links show what their viewer may see, the state of the sync is that of a device.
 */
import { type DocumentNode, type GraphQLSchema, Kind, TypeInfo, visit, visitWithTypeInfo } from 'graphql';

export interface DocumentShape {
  /** Of this document alone. */
  readonly id: number;
  readonly isShared: boolean;
  /** It asks for conflicts and refusals of the device. */
  readonly showsState: boolean;
  /** Names of the variables on which the answer depends, beyond the arguments of what is subscribed to. */
  readonly variables: readonly string[];
}

const STATE_FIELDS: ReadonlySet<string> = new Set(['syncStatus', 'lastSyncAttempt', 'syncErrorMessage']);

export function shapeOf(schema: GraphQLSchema, document: DocumentNode, id: number): DocumentShape {
  const info = new TypeInfo(schema);
  const root = schema.getSubscriptionType()?.name;
  const variables = new Set<string>();
  let isShared = true;
  let showsState = false;
  let isInRootArguments = false;
  visit(
    document,
    visitWithTypeInfo(info, {
      VariableDefinition: () => false,
      Argument: {
        enter: () => {
          if (info.getParentType()?.name === root) isInRootArguments = true;
        },
        leave: () => {
          isInRootArguments = false;
        },
      },
      Variable: ({ name }) => {
        if (!isInRootArguments) variables.add(name.value);
      },
      [Kind.FIELD]: {
        enter: ({ name }) => {
          const parent = info.getParentType()?.name;
          if (parent === root || name.value.startsWith('__')) return;
          if (STATE_FIELDS.has(name.value)) showsState = true;
          if (info.getFieldDef()?.resolve !== undefined || name.value === 'roles') isShared = false;
        },
      },
    }),
  );
  return { id, isShared, showsState, variables: [...variables].sort() };
}
