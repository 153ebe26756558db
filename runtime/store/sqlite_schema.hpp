/// The schema of a state in SQLite, and every statement that is made on it, by name. May not live here: what calls them.
#pragma once

#include <cstdint>

namespace ammo::store {

inline constexpr const char* sqlite_schema = R"(
create table if not exists meta (id integer primary key check (id = 0), schema integer not null, layout text not null,
  shards integer not null, units integer not null) strict;
create table if not exists nodes (node text primary key, name text not null, address text not null, capabilities text not null,
  boot text not null, namespace text not null, process integer not null, started integer not null, until integer not null,
  head integer not null, fenced integer not null) strict, without rowid;
create table if not exists claims (unit integer primary key, owner text, term integer not null) strict;
create table if not exists segments (unit integer, term integer, node text not null, first integer not null, last integer,
  primary key (unit, term)) strict, without rowid;
create table if not exists blocks (node text, first integer, n integer not null, checksum integer not null, frames blob not null,
  primary key (node, first)) strict;
create table if not exists snapshots (unit integer, term integer, place integer, pieces integer not null, size integer not null,
  primary key (unit, term, place)) strict, without rowid;
create table if not exists pieces (unit integer, term integer, place integer, piece integer, checksum integer not null, state blob not null,
  primary key (unit, term, place, piece)) strict;
create table if not exists sleepers (unit integer, user integer, term integer not null, place integer not null, checksum integer not null,
  state blob not null, primary key (unit, user)) strict;
create table if not exists seal (id integer primary key check (id = 0), checksum integer not null, version integer not null) strict;
)";

/// The schema that this version writes: 2 has `seal`, a checksum of what rows say that have none of their own (all but logs, pieces and sleepers), and how many
/// transactions there were that aren't appends.
inline constexpr std::uint32_t sqlite_schema_version = 2;

#define AMMO_SQLITE_STATEMENTS(S)                                                                                      \
  S(layout, "select layout, shards, units, schema from meta")                                                          \
  S(lay_out, "insert into meta values (0, ?1, ?2, ?3, ?4) on conflict do update set layout = ?2, units = ?4")          \
  S(add_unit, "insert into claims values (?1, null, 0) on conflict do nothing")                                        \
  S(enter, "insert into nodes values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, 0) on conflict do nothing")               \
  S(beat, "update nodes set until = ?2 where node = ?1 and not fenced")                                                \
  S(fence, "update nodes set fenced = 1 where node = ?1 and (fenced or until < ?2 or ?3)")                             \
  S(forget, "delete from nodes where node = ?1 and fenced and not exists (select 1 from claims where owner = ?1)"      \
            " and not exists (select 1 from segments where segments.node = ?1)"                                        \
            " and not exists (select 1 from blocks where blocks.node = ?1)")                                           \
  S(nodes, "select node, name, address, capabilities, boot, namespace, process, started, until, head, fenced from "    \
           "nodes order by node")                                                                                      \
  S(move_head, "update nodes set head = head + ?3 where node = ?1 and head = ?2 and not fenced")                       \
  S(add_block, "insert into blocks values (?1, ?2, ?3, ?4, ?5)")                                                       \
  S(block_at, "select n, checksum from blocks where node = ?1 and first = ?2")                                         \
  S(read,                                                                                                              \
    "select first, n, checksum, frames from blocks where node = ?1 and first <= ?3 and first + n > ?2 order by first") \
  S(drop_blocks, "delete from blocks where node = ?1 and first + n <= ?2")                                             \
  S(take, "update claims set owner = ?1, term = term + 1 where unit = ?2 and term = ?3 and (owner is null or owner in" \
          " (select node from nodes where fenced)) and exists (select 1 from nodes where node = ?1 and not fenced)")   \
  S(close, "update segments set last = (select head from nodes where nodes.node = segments.node)"                      \
           " where unit = ?1 and term = ?2 and last is null")                                                          \
  S(open, "insert into segments select ?2, ?3, node, head + 1, null from nodes where node = ?1")                       \
  S(leave, "update claims set owner = null where unit = ?2 and term = ?3 and owner = ?1")                              \
  S(claims, "select unit, owner, term from claims order by unit")                                                      \
  S(unit_segments, "select unit, term, node, first, last from segments where unit = ?1 order by term")                 \
  S(segments, "select unit, term, node, first, last from segments order by unit, term")                                \
  S(drop_segments, "delete from segments where unit = ?1 and term < ?2 and last is not null")                          \
  S(write_piece,                                                                                                       \
    "insert into pieces values (?1, ?2, ?3, ?4, ?5, ?6) on conflict do update set checksum = ?5, state = ?6")          \
  S(owned,                                                                                                             \
    "select 1 from claims join nodes on node = owner where unit = ?2 and term = ?3 and owner = ?1 and not fenced")     \
  S(whole, "select count(*), coalesce(sum(length(state)), 0) from pieces where unit = ?1 and term = ?2 and place = "   \
           "?3 and piece < ?4")                                                                                        \
  S(publish, "insert into snapshots values (?1, ?2, ?3, ?4, ?5) on conflict do update set pieces = ?4, size = ?5")     \
  S(snapshots, "select term, place, pieces, size from snapshots where unit = ?1 order by term desc, place desc")       \
  S(read_piece, "select checksum, state from pieces where unit = ?1 and term = ?2 and place = ?3 and piece = ?4")      \
  S(drop_snapshots, "delete from snapshots where unit = ?1 and (term, place) < (?2, ?3)")                              \
  S(drop_pieces, "delete from pieces where unit = ?1 and ((term, place) < (?2, ?3) or ((term, place) <"                \
                 " (select term, place from snapshots where unit = ?1 order by term desc, place desc limit 1)"         \
                 " and (term, place) not in (select term, place from snapshots where unit = ?1)))")                    \
  S(put_sleeper, "insert into sleepers values (?1, ?2, ?3, ?4, ?5, ?6) on conflict do update"                          \
                 " set term = ?3, place = ?4, checksum = ?5, state = ?6")                                              \
  S(read_sleeper, "select term, place, checksum, state from sleepers where unit = ?1 and user = ?2")                   \
  S(sleepers, "select user, term, place from sleepers where unit = ?1")                                                \
  S(drop_sleeper, "delete from sleepers where unit = ?1 and user = ?2")                                                \
  S(copy_node, "insert into nodes values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10) on conflict do nothing")         \
  S(copy_block, "insert into blocks values (?1, ?2, ?3, ?4, ?5) on conflict do nothing")                               \
  S(copy_claim, "insert into claims values (?1, nullif(?2, ''), ?3) on conflict do nothing")                           \
  S(copy_segment, "insert into segments values (?1, ?2, ?3, ?4, case when ?5 then ?6 end) on conflict do nothing")     \
  S(copy_snapshot, "insert into snapshots values (?1, ?2, ?3, ?4, ?5) on conflict do nothing")                         \
  S(copy_sleeper, "insert into sleepers values (?1, ?2, ?3, ?4, ?5, ?6) on conflict do nothing")                       \
  S(next_version, "update seal set version = version + 1")                                                             \
  S(version, "select version from seal")                                                                               \
  S(size, "select ((select page_count from pragma_page_count) - (select freelist_count from pragma_freelist_count))"   \
          " * (select page_size from pragma_page_size)")

} // namespace ammo::store
