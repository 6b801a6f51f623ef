-- Whether a text was there once: retention empties the text and keeps the rest.
alter table feedback add column text_deleted integer not null default 0 check (text_deleted in (0, 1));

-- Answers that the public reads: what was said, and what was done. `said` is the editor's own summary, which may be about
-- one piece of feedback (about_id), or the released text of one (released_id), which goes with that feedback for good.
-- Days as 20260131; `withdrawn`: no longer public since.
create table public_answer (
  id integer primary key autoincrement,
  municipality_id integer not null references municipality (id) on delete cascade,
  service text not null default '',
  title text not null check (length(title) between 1 and 200),
  said text not null check (length(said) <= 4000),
  did text not null check (length(did) between 1 and 4000),
  about_id integer references feedback (id) on delete set null,
  released_id integer references feedback (id) on delete cascade,
  edited integer not null default 0 check (edited in (0, 1)),
  published integer not null check (published between 20000101 and 99991231),
  updated integer check (updated between 20000101 and 99991231),
  withdrawn integer check (withdrawn between 20000101 and 99991231),
  check (about_id is null or released_id is null)
);
create index public_answer_by_day on public_answer (municipality_id, published);
create index public_answer_by_about on public_answer (about_id);
create index public_answer_by_released on public_answer (released_id);

-- A released text never outlives the text itself, whoever empties it.
create trigger feedback_text_gone after update of text on feedback
when old.text <> '' and new.text = ''
begin
  update feedback set text_deleted = 1, released = 0 where id = new.id;
  delete from public_answer where released_id = new.id;
end;

-- What the inbox is narrowed by, so that it counts and puts in order without reading any text.
create index feedback_by_filter on feedback
  (municipality_id, day, status, service, site, category, rating, found, language, assigned_to);
create index feedback_by_language on feedback (municipality_id, language);
