/// The schema of a state in PostgreSQL, and every statement that is made on it, by name. May not live here: what calls them.
#pragma once

namespace ammo::store {

/// The tables; @ is the schema. Two nodes that make them at once take turns.
inline constexpr const char* postgres_schema = R"(
select pg_advisory_xact_lock(hashtext('ammo state: tables'));
create schema if not exists @;
create table if not exists @.meta (id integer primary key check (id = 0), schema bigint not null, layout text not null,
  shards bigint not null, units bigint not null);
create table if not exists @.nodes (node uuid primary key, name text not null, address text not null, capabilities text not null,
  boot text not null, namespace text not null, process bigint not null, started bigint not null, until timestamptz not null,
  head bigint not null, fenced boolean not null) with (fillfactor = 50);
create table if not exists @.claims (unit bigint primary key, owner uuid, term bigint not null) with (fillfactor = 50);
create table if not exists @.segments (unit bigint, term bigint, node uuid not null, first bigint not null, last bigint, primary key (unit, term));
create table if not exists @.blocks (node uuid, first bigint, n bigint not null, checksum bigint not null, frames bytea not null, primary key (node, first));
alter table @.blocks alter frames set storage external;
create table if not exists @.snapshots (unit bigint, term bigint, place bigint, pieces bigint not null, size bigint not null, primary key (unit, term, place));
create table if not exists @.pieces (unit bigint, term bigint, place bigint, piece bigint, checksum bigint not null, state bytea not null,
  primary key (unit, term, place, piece));
create table if not exists @.sleepers (unit bigint, "user" bigint, term bigint not null, place bigint not null, checksum bigint not null,
  state bytea not null, primary key (unit, "user"));
)";
/// What only a unit's owner may do begins so: `mine` is a row where node $1 isn't fenced and owns unit $2 in term $3,
/// else none.
#define AMMO_MINE                                                                \
  "with me as (select 1 from @.nodes where node = $1 and not fenced for share)," \
  " mine as (select 1 from @.claims, me where unit = $2 and term = $3 and owner = $1 for share of claims)"

#define AMMO_POSTGRES_STATEMENTS(S)                                                                                    \
  S(layout, "select layout, shards, units, schema from @.meta")                                                        \
  S(lay_out, "insert into @.meta values (0, $1, $2, $3, $4) on conflict (id) do update set layout = $2, units = $4"    \
             " where meta.units <= $4 and meta.shards = $3 and starts_with($2, meta.layout)")                          \
  S(add_units,                                                                                                         \
    "insert into @.claims select u, null, 0 from generate_series(0, $1::bigint - 1) u on conflict do nothing")         \
  S(enter, "insert into @.nodes values ($1, $2, $3, $4, $5, $6, $7, $8, now() + $9::bigint * interval '1 "             \
           "millisecond', 0, false)"                                                                                   \
           " on conflict do nothing returning 1")                                                                      \
  S(beat, "update @.nodes set until = now() + $2::bigint * interval '1 millisecond' where node = $1 and not fenced "   \
          "returning 1")                                                                                               \
  S(fence,                                                                                                             \
    "update @.nodes set fenced = true where node = $1 and (fenced or until < now() or $2::boolean) returning 1")       \
  S(forget, "delete from @.nodes where node = $1 and fenced and not exists (select 1 from @.claims where owner = $1)"  \
            " and not exists (select 1 from @.segments s where s.node = $1)"                                           \
            " and not exists (select 1 from @.blocks b where b.node = $1) returning 1")                                \
  S(nodes, "select node, name, address, capabilities, boot, namespace, process, started,"                              \
           " floor(extract(epoch from until - now()) * 1000)::bigint, head, fenced from @.nodes order by node")        \
  S(append, "with f as (update @.nodes set head = head + $3 where node = $1 and head = $2::bigint - 1 and not fenced " \
            "returning 1)"                                                                                             \
            " insert into @.blocks select $1, $2, $3, $4::bigint, $5::bytea from f returning 1")                       \
  S(block_at, "select n, checksum from @.blocks where node = $1 and first = $2")                                       \
  S(read, "select first, n, checksum, frames from @.blocks where node = $1 and first <= $3 and first + n > $2 order "  \
          "by first")                                                                                                  \
  S(drop_blocks, "delete from @.blocks where node = $1 and first + n <= $2")                                           \
  S(take, "with me as (select node, head from @.nodes where node = $1 and not fenced for share),"                      \
          " won as (update @.claims c set owner = me.node, term = term + 1 from me where unit = $2 and term = $3 and " \
          "(owner is null"                                                                                             \
          " or owner in (select node from @.nodes where fenced)) returning c.unit, c.term),"                           \
          " closed as (update @.segments s set last = (select head from @.nodes n where n.node = s.node) from won"     \
          " where s.unit = won.unit and s.term = won.term - 1 and last is null)"                                       \
          " insert into @.segments select won.unit, won.term, me.node, me.head + 1, null from won, me returning 1")    \
  S(release, "with f as (update @.nodes set head = head + $3 where node = $1 and head = $2::bigint - 1 and not fenced" \
             " and exists (select 1 from @.claims where unit = $6 and term = $7 and owner = $1) returning head),"      \
             " b as (insert into @.blocks select $1, $2, $3, $4::bigint, $5::bytea from f),"                           \
             " c as (update @.claims set owner = null from f where unit = $6 and term = $7 and owner = $1)"            \
             " update @.segments set last = f.head from f where unit = $6 and term = $7 and last is null returning 1") \
  S(claims, "select unit, owner, term from @.claims order by unit")                                                    \
  S(unit_segments, "select unit, term, node, first, last from @.segments where unit = $1 order by term")               \
  S(segments, "select unit, term, node, first, last from @.segments order by unit, term")                              \
  S(drop_segments, "delete from @.segments where unit = $1 and term < $2 and last is not null")                        \
  S(write_piece,                                                                                                       \
    "insert into @.pieces values ($1, $2, $3, $4, $5, $6) on conflict (unit, term, place, piece) do update"            \
    " set checksum = $5, state = $6")                                                                                  \
  S(pieces, "select count(*) from @.pieces where unit = $1 and term = $2 and place = $3 and piece < $4")               \
  S(publish, AMMO_MINE ", have as (select count(*) as n, coalesce(sum(length(state)), 0)::bigint as size"              \
                       " from @.pieces where unit = $2 and term = $3 and place = $4 and piece < $5)"                   \
                       " insert into @.snapshots select $2, $3, $4, $5, have.size from mine, have where have.n = $5"   \
                       " on conflict (unit, term, place) do update set pieces = excluded.pieces,"                      \
                       " size = excluded.size returning 1")                                                            \
  S(snapshots, "select term, place, pieces, size from @.snapshots where unit = $1 order by term desc, place desc")     \
  S(read_piece, "select checksum, state from @.pieces where unit = $1 and term = $2 and place = $3 and piece = $4")    \
  S(drop_snapshots,                                                                                                    \
    "with s as (delete from @.snapshots where unit = $1 and (term, place) < ($2::bigint, $3::bigint))"                 \
    " delete from @.pieces where unit = $1 and ((term, place) < ($2::bigint, $3::bigint) or ((term, place) <"          \
    " (select term, place from @.snapshots where unit = $1 order by term desc, place desc limit 1)"                    \
    " and (term, place) not in (select term, place from @.snapshots where unit = $1)))")                               \
  S(put_sleeper, AMMO_MINE " insert into @.sleepers select $2, u, t, p, c, s from mine,"                               \
                           " unnest($4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bytea[])"              \
                           " as rows(u, t, p, c, s)"                                                                   \
                           " on conflict (unit, \"user\") do update set term = excluded.term, place = excluded.place," \
                           " checksum = excluded.checksum, state = excluded.state returning 1")                        \
  S(read_sleeper, "select term, place, checksum, state from @.sleepers where unit = $1 and \"user\" = $2")             \
  S(sleepers, "select \"user\", term, place from @.sleepers where unit = $1")                                          \
  S(owned,                                                                                                             \
    "select 1 from @.claims join @.nodes on node = owner where unit = $2 and term = $3 and owner = $1 and not fenced") \
  S(drop_sleepers,                                                                                                     \
    AMMO_MINE ", gone as (delete from @.sleepers using mine where unit = $2 and \"user\" = any($4::bigint[]))"         \
              " select 1 from mine")                                                                                   \
  S(copy_node, "insert into @.nodes values ($1, $2, $3, $4, $5, $6, $7, $8, now(), $9, $10) on conflict do nothing")   \
  S(copy_block, "insert into @.blocks values ($1, $2, $3, $4, $5) on conflict do nothing")                             \
  S(copy_claim, "insert into @.claims values ($1, nullif($2::uuid, '00000000-0000-0000-0000-000000000000'), $3)"       \
                " on conflict do nothing")                                                                             \
  S(copy_segment, "insert into @.segments values ($1, $2, $3, $4, case when $5::boolean then $6::bigint end)"          \
                  " on conflict do nothing")                                                                           \
  S(copy_snapshot, "insert into @.snapshots values ($1, $2, $3, $4, $5) on conflict do nothing")                       \
  S(copy_sleeper, "insert into @.sleepers values ($1, $2, $3, $4, $5, $6) on conflict do nothing")                     \
  S(standbys, "select case when current_setting('synchronous_commit') = 'local' then '' else "                         \
              "current_setting('synchronous_standby_names') end")                                                      \
  S(size, "select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint from pg_class c join pg_namespace n on "     \
          "n.oid = relnamespace"                                                                                       \
          " where nspname = '@' and relkind = 'r' and relname not in ('decisions', 'decided_creations', 'decided_upto')")

} // namespace ammo::store
