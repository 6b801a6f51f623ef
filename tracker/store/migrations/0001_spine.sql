-- Master data: who is counted.
create table municipality (
  id integer primary key,
  name text not null check (length(name) between 1 and 200),
  ars text not null unique check (length(ars) = 12),
  timezone text not null default 'Europe/Berlin',
  created integer not null
);

create table site (
  id integer primary key autoincrement,
  municipality_id integer not null references municipality (id),
  host text not null unique check (length(host) between 1 and 253),
  level text not null default 'visits' check (level in ('visits', 'counts')),
  subdomains integer not null default 0 check (subdomains in (0, 1)),
  search_param text not null default '',
  created integer not null,
  first_beacon integer
);
create index site_by_municipality on site (municipality_id);

-- Every text that a count is filed under, once. Number 0 is the empty text.
create table text (
  id integer primary key,
  value text not null unique
);
insert into text (id, value) values (0, '');

-- Additive counts per site, scope ('' = whole site, or a service), dimension, period (20260131, 202601, 2026) and key.
create table rollup (
  site integer not null,
  scope integer not null,
  dim integer not null,
  period integer not null,
  key integer not null,
  visitors integer not null default 0,
  visits integer not null default 0,
  views integer not null default 0,
  bounces integer not null default 0,
  seconds integer not null default 0,
  events integer not null default 0,
  rkey integer not null default 0,
  primary key (site, scope, dim, period, key)
) without rowid;

-- The state of days that are still being counted; goes when the day is closed.
create table open_day (
  site integer not null,
  day integer not null,
  ends integer not null,
  touched integer not null,
  primary key (site, day)
) without rowid;

create table open_visitor (
  site integer not null,
  day integer not null,
  pseudonym integer not null,
  state blob not null,
  primary key (site, day, pseudonym)
) without rowid;

-- Facts: single visits without pseudonym, kept for a limited number of days. Texts by number, time to the minute.
create table visit (
  id integer primary key autoincrement,
  site integer not null,
  day integer not null,
  minute integer not null,
  entry integer not null,
  exit integer not null,
  channel integer not null,
  source integer not null,
  referrer integer not null,
  campaign integer not null,
  device integer not null,
  browser integer not null,
  os integer not null,
  country integer not null,
  language integer not null,
  views integer not null,
  bounces integer not null,
  seconds integer not null,
  events integer not null
);
create index visit_by_day on visit (site, day);

create table hit (
  visit integer not null,
  sequence integer not null,
  minute integer not null,
  dim integer not null,
  key integer not null,
  primary key (visit, sequence)
) without rowid;

-- How far each journal file has been counted. Written in the same transaction as the counts.
create table journal_position (
  file text primary key,
  position integer not null,
  closes integer not null default 0
) without rowid;

-- Imports: what a run found, and a fingerprint of each anonymised line so that nothing is counted twice.
create table import_run (
  id integer primary key,
  site integer not null,
  started integer not null,
  first_day integer not null,
  kind text not null,
  file text not null unique,
  counted integer not null default 0,
  repeated integer not null default 0
);

create table import_seen (
  site integer not null,
  day integer not null,
  fingerprint integer not null,
  primary key (site, day, fingerprint)
) without rowid;

-- Accounts of the admin area and their sessions. A session is known by the hash of its token only.
create table account (
  id integer primary key,
  email text not null unique collate nocase,
  password text not null,
  role text not null,
  municipality_id integer references municipality (id),
  language text not null default 'de' check (language in ('de', 'en')),
  created integer not null
);

create table session (
  token blob primary key,
  account_id integer not null references account (id) on delete cascade,
  csrf text not null,
  created integer not null,
  seen integer not null
) without rowid;
create index session_by_account on session (account_id);
