-- Whether the pages of a service belong to the Single Digital Gateway (Regulation (EU) 2018/1724).
alter table service add column sdg integer not null default 0 check (sdg in (0, 1));

-- Transfers to the gateway: one per municipality, kind and month. Corrections keep it, and the ids of its parts.
create table sdg_transfer (
  id integer primary key autoincrement,
  municipality_id integer not null references municipality (id) on delete cascade,
  kind text not null check (kind in ('statistics', 'feedback')),
  month integer not null check (month between 200001 and 999912),
  created integer not null,
  corrected integer,
  constraint sdg_transfer_once unique (municipality_id, kind, month)
);

-- The messages that a transfer is split into; the recipient overwrites what came before under the same id.
create table sdg_part (
  transfer_id integer not null references sdg_transfer (id) on delete cascade,
  part integer not null check (part >= 1),
  unique_id text not null unique check (length(unique_id) = 36),
  primary key (transfer_id, part)
) without rowid;

-- Every file that was made, with its checksum. Only the newest of a part has its content (deflated JSON).
create table sdg_file (
  id integer primary key,
  transfer_id integer not null,
  part integer not null,
  revision integer not null check (revision >= 1),
  made integer not null,
  entries integer not null check (entries >= 0),
  bytes integer not null,
  sha256 text not null check (length(sha256) = 64),
  figures text not null,
  content blob,
  foreign key (transfer_id, part) references sdg_part (transfer_id, part) on delete cascade,
  constraint sdg_file_once unique (transfer_id, part, revision)
);

-- How messages and the file for the national component are written, where it differs from the defaults (JSON).
create table sdg_setting (
  municipality_id integer primary key references municipality (id) on delete cascade,
  setting text not null
);
