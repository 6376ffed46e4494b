/** What `ackord --help` prints. */
export const HELP = `ackord: a sync server for apps that keep working offline

  ackord [start] [--port <number>] [--data-dir <folder>] [--workers <number>]
      Starts the server, in one process or in several that share the port. Options win over the settings PORT,
      ACKORD_DATA_DIR and WORKERS.

  ackord token --email <address> [--allow-production]
      Prints a token for a user, who is made if missing. For trying things out: it asks for no password,
      so in production it has to be allowed.

  ackord migrate up
      Brings the tables of the database up to date. start does that by itself.

  ackord migrate down --to <number> [--delete-all-data]
      Takes back the migrations above the number. Stop the servers first.

  ackord import travel --from <DATABASE_URL> [--dry-run | --files]
      Moves a travel journal in from the older server's database, which it only reads. May be run again and
      again, while both servers are at work. With --files it then looks for the files that were copied into
      the file store; docs/moving-in.md says how.

  ackord import finance --from <folder> [--dry-run]
      Moves households in from the original server's data folder (SQLite files), which it only reads: users,
      tenants and their records. May be run again and again.

  ackord generate [--check]
      For work on Ackord itself: writes the generated files anew, or says which of them are out of date.

  ackord --help | --version

Settings come from the environment and from the file .env; docs/configuration.md lists them.
`;
