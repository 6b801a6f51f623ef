-- Connectors: how the files of a system that gives totals are laid out (JSON; tracker/usage/layout.py).
create table usage_connector (
  id integer primary key,
  municipality_id integer not null references municipality (id) on delete cascade,
  name text not null check (length(name) between 1 and 60 and name not glob '*[^a-z0-9-]*'),
  title text not null check (length(title) between 1 and 100),
  layout text not null,
  created integer not null,
  changed integer not null,
  constraint usage_connector_name unique (municipality_id, name),
  constraint usage_connector_title unique (municipality_id, title)
);

-- Imports of totals, for the record also those that were replaced or undone. `span`: the period that the whole file
-- was about, or null if its lines told.
create table usage_import (
  id integer primary key autoincrement,
  connector_id integer not null references usage_connector (id) on delete cascade,
  file text not null,
  via text not null check (via in ('admin', 'command', 'api')),
  span integer,
  imported integer not null,
  lines integer not null,
  undone integer
);
create index usage_import_by_connector on usage_import (connector_id);

-- The figures: period is a day (20260131) or a month (202601), code is that of a breakdown such as sign-in.
create table usage (
  import_id integer not null references usage_import (id) on delete cascade,
  service text not null,
  period integer not null,
  channel text not null default '',
  measure text not null,
  code text not null default '',
  number integer not null check (number >= 0),
  primary key (import_id, service, period, channel, measure, code)
) without rowid;

-- How the monthly transactions for the federal statistics are written, where it differs from the defaults (JSON).
create table zsk_setting (
  municipality_id integer primary key references municipality (id) on delete cascade,
  setting text not null
);
