/** One operation of an OpenAPI document, of one row of the table of routes. */
import type { z } from 'zod';
import type { Components } from './components.ts';
import { REFUSAL, sharedRefusals } from './open-api-refusals.ts';
import type { JsonObject, OpenApiOperation, OpenApiParameter, OpenApiResponse } from './open-api-types.ts';
import { isMultipart, type RestRoute } from './route.ts';

export function operationOf(route: RestRoute, components: Components): OpenApiOperation {
  const parameters = [
    ...parametersOf(route.params, 'path', components),
    ...parametersOf(route.query, 'query', components),
  ];
  return {
    operationId: operationId(route),
    tags: [route.tag],
    summary: route.summary,
    description: [route.description, `Access: ${route.access.note}`].filter(Boolean).join('\n\n'),
    ...(parameters.length > 0 && { parameters }),
    ...bodyOf(route, components),
    responses: responsesOf(route, components),
    security: securityOf(route),
  };
}

/** `GET /tenants/{tenant_id}/complete` → `get_tenants_tenant_id_complete`. */
const operationId = ({ method, path }: RestRoute): string =>
  [method.toLowerCase(), ...path.split(/\W+/).filter(Boolean)].join('_');

function securityOf({ access }: RestRoute): readonly JsonObject[] {
  switch (access.token) {
    case 'none':
      return [];
    case 'optional':
      return [{ bearer: [] }, {}];
    case 'required':
      return [{ bearer: [] }];
  }
}

function parametersOf(
  schema: z.ZodObject | undefined,
  place: 'path' | 'query',
  components: Components,
): OpenApiParameter[] {
  if (!schema) return [];
  return Object.entries(schema.shape as Record<string, z.ZodType>).map(([name, field]) => {
    const { description, ...rest } = components.schemaOf(field, 'input');
    const required = place === 'path' || !field.safeParse(undefined).success;
    return { name, in: place, required, ...(description !== undefined && { description }), schema: rest };
  });
}

function bodyOf(route: RestRoute, components: Components): Pick<OpenApiOperation, 'requestBody'> {
  const { body, bodyOptional = false } = route;
  if (body === undefined) return {};
  if (!isMultipart(body))
    return {
      requestBody: {
        required: !bodyOptional,
        content: { 'application/json': { schema: components.schemaOf(body, 'input') } },
      },
    };
  const { name, description, bytesMax } = body.file;
  const form = components.schemaOf(body.fields, 'input') as {
    properties?: JsonObject;
    required?: readonly string[];
  };
  const file = { type: 'string', format: 'binary', description: `${description} At most ${bytesMax} bytes.` };
  const schema = {
    type: 'object',
    properties: { ...form.properties, [name]: file },
    required: [...(form.required ?? []), name],
  };
  return { requestBody: { required: true, content: { 'multipart/form-data': { schema } } } };
}

function responsesOf(route: RestRoute, components: Components): OpenApiOperation['responses'] {
  const responses: Record<string, OpenApiResponse> = {};
  for (const [status, { description, schema, contentType }] of Object.entries(route.answers)) {
    const refused = Number(status) >= 400 ? REFUSAL : undefined;
    const body = schema ?? (contentType === undefined ? refused : undefined);
    if (body)
      responses[status] = {
        description,
        content: { 'application/json': { schema: components.schemaOf(body, 'output') } },
      };
    else if (contentType) responses[status] = { description, content: { [contentType]: {} } };
    else responses[status] = { description };
  }
  const shared = sharedRefusals(route).filter(([status]) => !(status in responses));
  for (const [status, description, schema] of shared)
    responses[status] = {
      description,
      content: { 'application/json': { schema: components.schemaOf(schema, 'output') } },
    };
  return responses;
}
