-- What summaries count, without the texts, so that a year of answers is read from an index alone. Spam is in no figure.
create index feedback_counted on feedback (municipality_id, day, service, category, rating, found, moment, device, language)
  where status <> 'spam';
create index feedback_commented on feedback (municipality_id, day, service, category, rating, found)
  where status <> 'spam' and text <> '';

-- What many comments of a municipality talk about, rebuilt every night from the texts that are kept.
-- `key` are the stems of its words in order, so it stays the same for as long as people use these words.
create table topic (
  id integer primary key,
  municipality_id integer not null references municipality (id) on delete cascade,
  key text not null check (length(key) between 1 and 200),
  name text not null check (length(name) between 1 and 200),
  unique (municipality_id, key)
);

-- Which comment talks about what. The most typical comment of a side comes first.
create table topic_comment (
  topic_id integer not null references topic (id) on delete cascade,
  side text not null check (side in ('low', 'middle', 'high')),
  typical integer not null,
  feedback_id integer not null references feedback (id) on delete cascade,
  day integer not null,
  service text not null,
  category text not null,
  primary key (topic_id, side, typical desc, feedback_id)
) without rowid;
create index topic_comment_by_feedback on topic_comment (feedback_id);

-- What editors decided about a topic. It outlives every rebuild, hence the key instead of a number.
create table topic_choice (
  municipality_id integer not null references municipality (id) on delete cascade,
  key text not null check (length(key) between 1 and 200),
  name text not null default '' check (length(name) <= 80),
  merged_into text not null default '' check (merged_into <> key),
  silenced integer not null default 0 check (silenced in (0, 1)),
  account_id integer references account (id) on delete set null,
  changed integer not null,
  primary key (municipality_id, key)
) without rowid;

-- A comment that turns out to be spam, or whose text is deleted, is no longer part of any topic.
create trigger topic_comment_withdrawn after update of status, text on feedback
when new.status = 'spam' or new.text = ''
begin
  delete from topic_comment where feedback_id = new.id;
end;
