-- Visitors with attempts that have no end yet, so that these can be abandoned when the visit is over.
create table open_attempt (
  site integer not null,
  day integer not null,
  pseudonym integer not null,
  last integer not null,
  primary key (site, day, pseudonym)
) without rowid;
create index open_attempt_by_last on open_attempt (last);
