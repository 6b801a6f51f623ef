-- Answers counted, in all services together: what summaries show without reading 200,000 rows. Spam is in no figure.
-- `dim`: total, service, moment, device, language or detail (a further question); `period`: a day (20260131), a month or
-- a year; `rating`: 1 to 5, 0 for none; `found` is told in `total` only.
create table feedback_count (
  municipality_id integer not null references municipality (id) on delete cascade,
  dim text not null check (dim in ('total', 'service', 'moment', 'device', 'language', 'detail')),
  period integer not null,
  category text not null,
  key text not null,
  rating integer not null check (rating between 0 and 5),
  found text not null,
  number integer not null,
  primary key (municipality_id, dim, period, category, key, rating, found)
) without rowid;

-- One more (step 1) or one less (step -1) in a day, its month and its year. One less makes no row: it may be that the
-- municipality goes, and its sums have gone before its answers.
create view feedback_counting as
  select 0 as municipality_id, '' as dim, 0 as day, '' as category, '' as key, 0 as rating, '' as found, 0 as step;
create trigger feedback_counting_step instead of insert on feedback_counting
begin
  insert into feedback_count
  select new.municipality_id, new.dim, period, new.category, new.key, new.rating, new.found, 0
  from (select new.day as period union all select new.day / 100 union all select new.day / 10000)
  where new.step > 0
  on conflict do nothing;
  update feedback_count
  set number = number + new.step
  where municipality_id = new.municipality_id and dim = new.dim
    and period in (new.day, new.day / 100, new.day / 10000)
    and category = new.category and key = new.key and rating = new.rating and found = new.found;
end;

-- A whole answer, with its further questions, into every dimension (step 1) or out of it (step -1).
create view feedback_step as select 0 as id, 0 as step;
create trigger feedback_step_taken instead of insert on feedback_step
begin
  insert into feedback_counting
  select municipality_id, dim, day, category,
    case dim when 'service' then service when 'moment' then moment when 'device' then device when 'language' then language
      else '' end,
    coalesce(rating, 0), case dim when 'total' then found else '' end, new.step
  from feedback
  cross join (select 'total' as dim union all select 'service' union all select 'moment' union all select 'device'
    union all select 'language')
  where id = new.id;
  insert into feedback_counting
  select municipality_id, 'detail', day, category, question, value, '', new.step
  from feedback
  join feedback_detail on feedback_id = id
  where id = new.id;
end;

create trigger feedback_counted_in after insert on feedback when new.status <> 'spam'
begin
  insert into feedback_step values (new.id, 1);
end;
create trigger feedback_counted_out before delete on feedback when old.status <> 'spam'
begin
  insert into feedback_step values (old.id, -1);
end;
-- Only what changes a count costs anything: a new status is given to thousands at once.
create trigger feedback_counted_before before update of
  municipality_id, day, service, category, rating, found, moment, device, language, status on feedback
when old.status <> 'spam' and (new.status = 'spam' or
  (old.municipality_id, old.day, old.service, old.category, old.rating, old.found, old.moment, old.device, old.language)
  is not
  (new.municipality_id, new.day, new.service, new.category, new.rating, new.found, new.moment, new.device, new.language))
begin
  insert into feedback_step values (old.id, -1);
end;
create trigger feedback_counted_after after update of
  municipality_id, day, service, category, rating, found, moment, device, language, status on feedback
when new.status <> 'spam' and (old.status = 'spam' or
  (old.municipality_id, old.day, old.service, old.category, old.rating, old.found, old.moment, old.device, old.language)
  is not
  (new.municipality_id, new.day, new.service, new.category, new.rating, new.found, new.moment, new.device, new.language))
begin
  insert into feedback_step values (new.id, 1);
end;
-- When the answer goes, its further questions go after it, and have been counted out with it.
create trigger feedback_detail_counted_in after insert on feedback_detail
begin
  insert into feedback_counting
  select municipality_id, 'detail', day, category, new.question, new.value, '', 1
  from feedback
  where id = new.feedback_id and status <> 'spam';
end;
create trigger feedback_detail_counted_out before delete on feedback_detail
begin
  insert into feedback_counting
  select municipality_id, 'detail', day, category, old.question, old.value, '', -1
  from feedback
  where id = old.feedback_id and status <> 'spam';
end;
insert into feedback_step select id, 1 from feedback where status <> 'spam';

-- What the summary of one service counts, without the texts.
create index feedback_counted on feedback (municipality_id, service, day, category, rating, found, moment, device, language)
  where status <> 'spam';
create index feedback_commented on feedback (municipality_id, day, service, category)
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

-- The same counted, in all services together.
create table topic_count (
  topic_id integer not null references topic (id) on delete cascade,
  period integer not null,
  category text not null,
  side text not null,
  number integer not null,
  primary key (topic_id, period, category, side)
) without rowid;
create trigger topic_comment_gone after delete on topic_comment
begin
  update topic_count
  set number = number - 1
  where topic_id = old.topic_id and period in (old.day, old.day / 100, old.day / 10000)
    and category = old.category and side = old.side;
end;

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
