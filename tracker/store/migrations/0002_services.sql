-- Services: what a municipality offers online, as master data. Texts without suffix are German.
create table service (
  id integer primary key,
  municipality_id integer not null references municipality (id),
  slug text not null check (length(slug) between 1 and 60 and slug not glob '*[^a-z0-9-]*'),
  name text not null check (length(name) between 1 and 200),
  name_en text not null default '',
  description text not null default '',
  description_en text not null default '',
  leika text not null default '' check (length(leika) in (0, 14) and leika not glob '*[^0-9]*'),
  ozg text not null default '',
  category text not null default '',
  department text not null default '',
  contact text not null default '',
  cost_per_month_cents integer check (cost_per_month_cents >= 0),
  created integer not null,
  changed integer not null,
  constraint service_slug unique (municipality_id, slug)
);

-- The pages of a service: a host, and a pattern of the paths on it.
create table service_path (
  service_id integer not null references service (id) on delete cascade,
  position integer not null check (position >= 0),
  host text not null check (length(host) between 1 and 253),
  glob text not null check (glob like '/%'),
  primary key (service_id, position)
) without rowid;

-- The channels on which a service is offered.
create table service_channel (
  service_id integer not null references service (id) on delete cascade,
  channel text not null check (channel in ('web', 'app', 'assisted', 'in_person', 'phone', 'post')),
  primary key (service_id, channel)
) without rowid;

-- The forms of a service. A beacon names only the form, so its slug is unique in the municipality.
create table service_form (
  id integer primary key,
  service_id integer not null references service (id) on delete cascade,
  municipality_id integer not null references municipality (id),
  position integer not null check (position >= 0),
  slug text not null check (length(slug) between 1 and 80 and instr(slug, '/') = 0),
  name text not null default '',
  name_en text not null default '',
  end_page integer not null default 0 check (end_page in (0, 1)),
  constraint service_form_slug unique (municipality_id, slug)
);
create index service_form_by_service on service_form (service_id);

-- The steps of a form in their order. The slug is what the beacon sends.
create table service_step (
  form_id integer not null references service_form (id) on delete cascade,
  position integer not null check (position >= 0),
  slug text not null check (length(slug) between 1 and 80),
  name text not null default '',
  name_en text not null default '',
  optional integer not null default 0 check (optional in (0, 1)),
  primary key (form_id, position),
  constraint service_step_slug unique (form_id, slug)
) without rowid;
