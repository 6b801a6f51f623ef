-- Who changed what: one line per change, without what was written. account: e-mail address, '' for a command of the shell.
-- municipality_id: null where it is about the installation. action: an endpoint of the admin area, or "command …".
create table audit_log (
  id integer primary key,
  time integer not null,
  account text not null default '' check (length(account) <= 300),
  municipality_id integer references municipality (id) on delete cascade,
  action text not null check (length(action) between 1 and 100),
  subject text not null default '' check (length(subject) <= 300)
);
create index audit_log_by_time on audit_log (time);
create index audit_log_by_municipality on audit_log (municipality_id, time);
