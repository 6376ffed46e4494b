/**
 * A REST route as a row of a table: what it takes, what it answers and what it does. The same row is served
 * (add-rest-routes.ts) and described (open-api.ts), so that neither can say something that the other does not.
 */
import type { z } from 'zod';
import type { Authentication } from '../../auth/ports.ts';
import type { RestAnswer } from './answer.ts';

/** A body of multipart/form-data: plain fields, and one file, which is kept in memory. */
export interface MultipartBody<F extends z.ZodObject = z.ZodObject> {
  readonly kind: 'multipart';
  readonly fields: F;
  readonly file: {
    /** The name of the part. */
    readonly name: string;
    readonly description: string;
    readonly bytesMax: number;
  };
}

export interface UploadedFile {
  /** As the sender calls it: never part of a path, never trusted. */
  readonly fileName: string;
  readonly bytes: Buffer;
}

export interface DescribedAnswer {
  readonly description: string;
  /** Of a JSON body. Left out: there is none, or it is of another type. */
  readonly schema?: z.ZodType;
  /** Of a body that is no JSON. */
  readonly contentType?: string;
}

export interface RouteAccess {
  /** `none`: it is not looked at who calls. `optional`: the open mode does without. `required`: always a token. */
  readonly token: 'none' | 'optional' | 'required';
  /** Who may do this, in a sentence. */
  readonly note: string;
}

export interface RestCall<P = unknown, Q = unknown, B = unknown> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly authentication: Authentication;
  /** IP address. */
  readonly address: string;
  /** The page that calls, as the browser says; null outside of browsers. */
  readonly origin: string | null;
}

export type RestMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface RestRoute {
  readonly method: RestMethod;
  /** `/tenants/{tenant_id}`. */
  readonly path: string;
  /** Answers at the same path with a slash at the end too. */
  readonly alsoWithSlash?: boolean;
  /** Answered at any time and never counted: for health checks. */
  readonly alwaysOpen?: boolean;
  /** Of a JSON body; left out: LIMITS.restBodyBytesMax. */
  readonly bodyBytesMax?: number;
  /** Heading under which the documentation lists it. */
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly access: RouteAccess;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType | MultipartBody;
  /** A body may also be missing; then it reads as `{}`. */
  readonly bodyOptional?: boolean;
  /** By status. Refusals of every route (422, 429, 503 …) need not be listed. */
  readonly answers: Readonly<Record<number, DescribedAnswer>>;
  handle(call: RestCall): Promise<RestAnswer> | RestAnswer;
}

type Read<T> = T extends z.ZodType ? z.output<T> : undefined;

/** What a handler finds in `call.body`. */
export type BodyOf<B> =
  B extends MultipartBody<infer F> ? { readonly fields: z.output<F>; readonly file: UploadedFile } : Read<B>;

type Typed<P, Q, B> = Omit<RestRoute, 'params' | 'query' | 'body' | 'handle'> & {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  handle(call: RestCall<Read<P>, Read<Q>, BodyOf<B>>): Promise<RestAnswer> | RestAnswer;
};

/** Writes a row with the types of its schemas known in the handler. */
export function restRoute<
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | MultipartBody | undefined = undefined,
>(route: Typed<P, Q, B>): RestRoute {
  return route as unknown as RestRoute;
}

export const isMultipart = (body: RestRoute['body']): body is MultipartBody =>
  body !== undefined && 'kind' in body && body.kind === 'multipart';
