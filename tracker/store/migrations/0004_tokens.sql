-- Tokens of form servers and other programs. A token is known by its SHA-256 only; numbers are never used again.
-- scopes: words with a space between them. last_used: a local day (20260131).
create table token (
  id integer primary key autoincrement,
  hash blob not null unique check (length(hash) = 32),
  municipality_id integer not null references municipality (id) on delete cascade,
  name text not null check (length(name) between 1 and 100),
  scopes text not null check (length(scopes) > 0),
  created integer not null,
  last_used integer
);
create index token_by_municipality on token (municipality_id);

-- Batches that came with an Idempotency-Key (key and body as SHA-256), so that a repetition gets the same answer.
-- received: in ms. answer: null until the batch is in the journal.
create table delivery (
  id integer primary key,
  token_id integer not null references token (id) on delete cascade,
  key blob not null,
  body blob not null,
  received integer not null,
  answer blob,
  constraint delivery_key unique (token_id, key)
);
create index delivery_by_received on delivery (received);

-- Fingerprints of the items of such batches, so that the loader counts each once. Kept for a few days.
create table delivery_seen (
  site integer not null,
  day integer not null,
  fingerprint integer not null,
  primary key (site, day, fingerprint)
) without rowid;
