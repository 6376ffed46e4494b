/**
 * A database as the older server leaves it: its tables with their default names, and rows with everything odd that years
 * of use bring. Ids are readable: `idOf('trip', 1)`.
 */
import { createHash } from 'node:crypto';
import pg from 'pg';
import { getTestPostgres, type TestDatabase } from '../support/postgres.ts';

const SCHEMA = `
CREATE TYPE trip_membership_role_enum AS ENUM ('owner', 'editor', 'viewer');
CREATE TABLE "user" (id uuid PRIMARY KEY, email varchar NOT NULL UNIQUE, username varchar NOT NULL UNIQUE,
  "passwordHash" varchar NOT NULL, "firstName" varchar, "lastName" varchar, "profileImageUrl" varchar,
  "isActive" boolean NOT NULL DEFAULT true, "isEmailVerified" boolean NOT NULL DEFAULT false,
  "lastLoginAt" timestamp, "createdAt" timestamp NOT NULL DEFAULT now(), "updatedAt" timestamp NOT NULL DEFAULT now(),
  roles text NOT NULL DEFAULT '');
CREATE TABLE trip (id uuid PRIMARY KEY, name varchar NOT NULL, "tripDescription" varchar, "travelCompanions" varchar,
  "visitedCountries" varchar, "coverImageObjectName" varchar, "startDate" timestamp NOT NULL, "endDate" timestamp,
  "isActive" boolean NOT NULL DEFAULT true, "totalDistance" double precision NOT NULL DEFAULT 0,
  "gpsTrackingEnabled" boolean NOT NULL DEFAULT true, "createdAt" timestamp NOT NULL DEFAULT now(),
  "updatedAt" timestamp NOT NULL DEFAULT now(), "ownerId" uuid REFERENCES "user");
CREATE TABLE trip_membership (id uuid PRIMARY KEY, role trip_membership_role_enum NOT NULL DEFAULT 'viewer',
  "userId" uuid REFERENCES "user", "tripId" uuid REFERENCES trip, UNIQUE ("userId", "tripId"));
CREATE TABLE bucket_list_item (id uuid PRIMARY KEY, name varchar NOT NULL, country varchar, region varchar,
  type varchar, latitude1 double precision, longitude1 double precision, latitude2 double precision,
  longitude2 double precision, "isDone" boolean NOT NULL DEFAULT false, "completedAt" timestamp,
  "createdAt" timestamp NOT NULL DEFAULT now(), "updatedAt" timestamp NOT NULL DEFAULT now(),
  "creatorId" uuid REFERENCES "user");
CREATE TABLE gpx_track (id uuid PRIMARY KEY, name varchar NOT NULL, description varchar, "originalFilename" varchar,
  "gpxFileObjectName" varchar, creator varchar, "trackType" varchar, "totalDistance" double precision,
  "totalDuration" double precision, "averageSpeed" double precision, "maxSpeed" double precision,
  "elevationGain" double precision, "elevationLoss" double precision, "minElevation" double precision,
  "maxElevation" double precision, "totalPoints" integer, "startTime" timestamp, "endTime" timestamp,
  "createdAt" timestamp NOT NULL DEFAULT now(), "updatedAt" timestamp NOT NULL DEFAULT now(),
  "tripId" uuid NOT NULL REFERENCES trip);
CREATE TABLE memory (id uuid PRIMARY KEY, title varchar NOT NULL, text text, "timestamp" timestamp NOT NULL DEFAULT now(),
  latitude double precision NOT NULL, longitude double precision NOT NULL, "locationName" varchar, "weatherJSON" text,
  "createdAt" timestamp NOT NULL DEFAULT now(), "updatedAt" timestamp NOT NULL DEFAULT now(), "tripId" uuid NOT NULL,
  "creatorId" uuid REFERENCES "user", "bucketListItemId" uuid REFERENCES bucket_list_item,
  "gpxTrackId" uuid UNIQUE REFERENCES gpx_track);
CREATE TABLE media_item (id uuid PRIMARY KEY, "mediaType" varchar NOT NULL, "timestamp" timestamp NOT NULL,
  "order" integer NOT NULL, "objectName" varchar NOT NULL, filesize integer NOT NULL, duration integer,
  "thumbnailObjectName" varchar, "createdAt" timestamp NOT NULL DEFAULT now(),
  "updatedAt" timestamp NOT NULL DEFAULT now(), "memoryId" uuid, "uploaderId" uuid REFERENCES "user");
CREATE TABLE tag_category (id uuid PRIMARY KEY, name varchar NOT NULL UNIQUE, "displayName" varchar, emoji varchar,
  color varchar, "isSystemCategory" boolean NOT NULL DEFAULT false, "sortOrder" integer NOT NULL DEFAULT 0,
  "isExpanded" boolean NOT NULL DEFAULT true, "createdAt" timestamp NOT NULL DEFAULT now(),
  "updatedAt" timestamp NOT NULL DEFAULT now(), "creatorId" uuid REFERENCES "user");
CREATE TABLE tag (id uuid PRIMARY KEY, name varchar NOT NULL UNIQUE, "normalizedName" varchar, "displayName" varchar,
  emoji varchar, color varchar, "tagDescription" varchar, "isSystemTag" boolean NOT NULL DEFAULT false,
  "usageCount" integer NOT NULL DEFAULT 0, "sortOrder" integer NOT NULL DEFAULT 0,
  "isArchived" boolean NOT NULL DEFAULT false, "createdAt" timestamp NOT NULL DEFAULT now(),
  "updatedAt" timestamp NOT NULL DEFAULT now(), "categoryId" uuid REFERENCES tag_category ON DELETE SET NULL,
  "creatorId" uuid REFERENCES "user");
CREATE TABLE memory_tags_tag ("memoryId" uuid NOT NULL, "tagId" uuid NOT NULL, PRIMARY KEY ("memoryId", "tagId"));
CREATE TABLE tag_related_tags ("tagId_1" uuid NOT NULL, "tagId_2" uuid NOT NULL, PRIMARY KEY ("tagId_1", "tagId_2"));
CREATE TABLE deletion_log ("entityId" varchar NOT NULL, "entityType" varchar NOT NULL,
  "deletedAt" timestamp NOT NULL DEFAULT now(), "tripId" varchar, "ownerId" varchar,
  PRIMARY KEY ("entityId", "entityType"));
CREATE TABLE track_segment (id uuid PRIMARY KEY, "segmentType" varchar, "startDate" timestamp, "endDate" timestamp,
  distance double precision, "averageSpeed" double precision, "maxSpeed" double precision, "encodedData" bytea,
  "tripId" uuid, "gpxTrackId" uuid);
CREATE TABLE route_point (id uuid PRIMARY KEY, latitude double precision NOT NULL, longitude double precision NOT NULL,
  altitude double precision, speed double precision, "timestamp" timestamp NOT NULL,
  created_at timestamp NOT NULL DEFAULT now(), "tripId" uuid, "trackSegmentId" uuid, "recorderId" uuid);
CREATE TABLE track_metadata (id uuid PRIMARY KEY, "transportationMode" varchar);
`;

/** The same for the same words, in the form of a UUID of version 4. */
export function idOf(kind: string, number: number): string {
  const hex = createHash('md5').update(`${kind} ${number}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

export interface OldServer {
  readonly url: string;
  readonly client: pg.Client;
  insert(table: string, row: { readonly [column: string]: unknown }): Promise<void>;
  run(text: string, values?: readonly unknown[]): Promise<void>;
  close(): Promise<void>;
}

export async function startOldServer(): Promise<OldServer> {
  const database: TestDatabase = await (await getTestPostgres()).createDatabase();
  const client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  await client.query(SCHEMA);
  const run = async (text: string, values: readonly unknown[] = []): Promise<void> => {
    await client.query(text, [...values]);
  };
  return {
    url: database.ownerUrl,
    client,
    run,
    async insert(table, row) {
      const names = Object.keys(row).map((name) => `"${name}"`);
      const places = names.map((_, index) => `$${index + 1}`);
      await run(
        `INSERT INTO "${table}" (${names.join(', ')}) VALUES (${places.join(', ')})`,
        Object.values(row),
      );
    },
    async close() {
      await client.end();
      await database.drop();
    },
  };
}
