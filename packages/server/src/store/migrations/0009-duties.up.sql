-- Who does what one server does for all: a lease, which ends unless its holder renews it.
CREATE TABLE duty (
  name text COLLATE "C" PRIMARY KEY,
  holder text NOT NULL,
  ends_at timestamptz NOT NULL
);
