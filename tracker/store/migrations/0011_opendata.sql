-- What a municipality publishes and how; without a row, or with automatic = 0, nothing is published by itself.
create table opendata_setting (
  municipality_id integer primary key references municipality (id) on delete cascade,
  automatic integer not null default 0 check (automatic in (0, 1)),
  method text not null default 'cell-key',
  parameters text not null default '{}',
  licence text not null default 'dl-zero-de/2.0',
  attribution text not null default '',
  contributor text not null default '',
  contact text not null default '',
  email text not null default '',
  website text not null default '',
  start integer check (start between 20000101 and 99991231),
  pages text not null default ''
);

-- Minutes of each hour (since 1970, UTC) in which the loader was at work: an hour without them was not measured.
create table uptime (
  hour integer primary key,
  minutes integer not null check (minutes between 1 and 60)
);

-- Days of a site that were not measured as they should, by word of an editor.
create table outage (
  id integer primary key,
  site integer not null references site (id) on delete cascade,
  first integer not null check (first between 20000101 and 99991231),
  last integer not null check (last >= first),
  reason text not null check (length(reason) between 1 and 500)
);
create index outage_by_site on outage (site, first);
