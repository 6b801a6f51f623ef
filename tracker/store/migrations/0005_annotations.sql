-- Dated notes that explain figures: of one service by its slug, or '' for the whole municipality.
create table annotation (
  id integer primary key,
  municipality_id integer not null references municipality (id) on delete cascade,
  service text not null default '',
  day integer not null check (day between 20000101 and 99991231),
  text text not null check (length(text) between 1 and 500),
  created integer not null
);
create index annotation_by_day on annotation (municipality_id, day);
