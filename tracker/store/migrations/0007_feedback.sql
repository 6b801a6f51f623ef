-- What people say, one row each: no address, no user-agent, no link to a visit. The text is masked before it comes here.
create table feedback (
  id integer primary key autoincrement,
  municipality_id integer not null references municipality (id) on delete cascade,
  site integer not null references site (id) on delete cascade,
  service text not null default '',
  day integer not null check (day between 20000101 and 99991231),
  category text not null check (category in ('information', 'procedure', 'assistance')),
  rating integer check (rating between 1 and 5),
  found text not null default '' check (found in ('', 'yes', 'partly', 'no')),
  text text not null default '' check (length(text) <= 4000),
  masked integer not null default 0,
  page text not null default '',
  moment text not null default '' check (moment in ('', 'submitted', 'ended_not_eligible', 'abandoned')),
  device text not null default '',
  language text not null default '',
  receipt blob not null unique,
  rkey integer not null,
  status text not null default 'new' check (status in ('new', 'open', 'answered', 'closed', 'spam')),
  assigned_to integer references account (id) on delete set null,
  note text not null default '' check (length(note) <= 4000),
  answer text not null default '' check (length(answer) <= 4000),
  answered integer,
  released integer not null default 0 check (released in (0, 1))
);
create index feedback_by_day on feedback (municipality_id, day);
create index feedback_by_service on feedback (municipality_id, service, day);
create index feedback_by_site on feedback (site, day);

-- The further questions of the Single Digital Gateway's common tool, where a service asks them.
create table feedback_detail (
  feedback_id integer not null references feedback (id) on delete cascade,
  question text not null,
  value integer not null check (value between 1 and 5),
  primary key (feedback_id, question)
) without rowid;

create table feedback_tag (
  feedback_id integer not null references feedback (id) on delete cascade,
  tag text not null check (length(tag) between 1 and 40),
  primary key (feedback_id, tag)
) without rowid;
create index feedback_by_tag on feedback_tag (tag);

-- The index of the full-text search; rowid is the feedback's, words are stemmed (tracker/feedback/words.py).
create virtual table feedback_search using fts5 (words, tokenize = "unicode61 remove_diacritics 2");
-- Whatever deletes feedback (a receipt, the retention, the removal of a site or a municipality) deletes its words.
create trigger feedback_forgotten after delete on feedback
begin
  delete from feedback_search where rowid = old.id;
end;

-- How feedback is asked for, per service ('' = pages of no service).
create table feedback_setting (
  municipality_id integer not null references municipality (id) on delete cascade,
  service text not null default '',
  category text not null default 'procedure' check (category in ('information', 'procedure', 'assistance')),
  details integer not null default 0 check (details in (0, 1)),
  primary key (municipality_id, service)
) without rowid;
