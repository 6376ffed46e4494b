/** The parts of an OpenAPI 3.1 document that are made here. */

export interface ApiInfo {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  /** Headings in their order, each with what it is about; tags that are not listed follow. */
  readonly tags?: readonly { readonly name: string; readonly description: string }[];
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

export interface OpenApiParameter extends JsonObject {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: JsonObject;
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly OpenApiParameter[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: { readonly [type: string]: { readonly schema: JsonObject } };
  };
  readonly responses: { readonly [status: string]: OpenApiResponse };
  readonly security: readonly JsonObject[];
}

export interface OpenApiResponse {
  readonly description: string;
  readonly content?: { readonly [type: string]: { readonly schema?: JsonObject } };
}

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: { readonly [path: string]: { readonly [method: string]: OpenApiOperation } };
  readonly components: {
    readonly schemas: { readonly [name: string]: JsonObject };
    readonly securitySchemes: JsonObject;
  };
}
