// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/sums/minute_rows.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "common/stored_text.h"
#include "recorder/fold/names.h"
#include "recorder/store/sqlite/bind.h"

namespace ctrack {

namespace {

constexpr const char* put_row = R"sql(
REPLACE INTO minutes (id, begin_us, comm, service_port, direction, connections, opened, closed,
  refused, timeout, unreachable, reset, aborted, repair, lost, bytes_sent, bytes_received,
  retrans_segs, rtt_samples, rtt_sum_us, rtt_min_us, rtt_max_us, rtts)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";

// As {"72":3,"73":1}.
std::string json_of(const RttHistogram* rtts) {
    fmt::memory_buffer text;
    for (std::size_t bucket = 0; rtts != nullptr && bucket < rtt_buckets; ++bucket)
        if (const std::uint32_t samples = rtts->buckets[bucket])
            fmt::format_to(std::back_inserter(text), "{}\"{}\":{}", text.size() ? "," : "", bucket,
                           samples);
    return fmt::format("{{{}}}", std::string_view(text.data(), text.size()));
}

Amounts amounts_with(const Amounts& amounts, const RttHistogram* rtts) {
    Amounts all = amounts;
    if (rtts == nullptr)
        return all;
    all[Count::rtt_samples] = rtts->samples;
    all[Count::rtt_sum_us] = rtts->sum_us;
    all.rtt_min_us = rtts->min_us;
    all.rtt_max_us = rtts->max_us;
    return all;
}

Amounts opening(bool is_seen) {
    Amounts amounts;
    amounts[Count::connections] = 1;
    amounts[Count::opened] = is_seen;
    return amounts;
}

// The ends among the amounts, of which there is one or none.
Amounts end_in(const Amounts& amounts) {
    Amounts end;
    for (auto i = static_cast<std::size_t>(Count::closed);
         i <= static_cast<std::size_t>(Count::lost); ++i)
        end.counts[i] = amounts.counts[i];
    return end;
}

// What a connection moves. Its samples are counted one by one, in the minute of each.
Amounts traffic_in(const Amounts& amounts) {
    Amounts traffic;
    for (const Count count : {Count::bytes_sent, Count::bytes_received, Count::retrans_segs})
        traffic[count] = amounts[count];
    return traffic;
}

std::int64_t told_us(const ConnectionRow& row) { return row.closed_us.value_or(row.last_seen_us); }

} // namespace

MinuteRows::MinuteRows(SQLite::Database& db)
    : last_id_(db, "SELECT coalesce(max(id), 0) FROM minutes"), put_(db, put_row),
      next_id_(first_number(last_id_) + 1) {}

std::size_t MinuteRows::KeyHash::operator()(const Key& key) const {
    const std::size_t comm = std::hash<std::string_view>{}(key.comm);
    return (comm * 31 + key.service_port) * 31 + static_cast<std::size_t>(key.minute) +
           key.direction;
}

MinuteRows::Key MinuteRows::key_at(const TrafficKey& key, std::int64_t time_us) {
    return {time_us / minute_us, key.comm, key.service_port, key.direction};
}

void MinuteRows::add(const ConnectionRow& row, const TrafficKey& key,
                     const std::optional<Counted>& before, const Amounts& gained, bool is_counted) {
    add_opening(row, key, before, is_counted);
    add_end(row, key, before);
    if (const Amounts traffic = traffic_in(gained); !traffic.nothing()) {
        Sum& sum = sum_of(key_at(key, told_us(row)));
        sum.amounts += traffic;
    }
}

// That of an older connection counts when it is first seen. It stays there.
void MinuteRows::add_opening(const ConnectionRow& row, const TrafficKey& key,
                             const std::optional<Counted>& before, bool is_counted) {
    const bool is_seen = row.start_kind == StartKind::seen;
    if (before && before->amounts[Count::opened] == 0)
        return;
    const auto from = before ? std::optional(key_at(before->key, before->opened_us)) : std::nullopt;
    move(from, opening(true), key_at(key, is_seen ? row.opened_us : told_us(row)),
         is_counted ? Amounts{} : opening(is_seen));
}

void MinuteRows::add_end(const ConnectionRow& row, const TrafficKey& key,
                         const std::optional<Counted>& before) {
    if (!row.closed_us)
        return;
    Amounts end;
    end.add_end(row.ending.outcome);
    const auto from = before && before->closed_us
                          ? std::optional(key_at(before->key, *before->closed_us))
                          : std::nullopt;
    move(from, from ? end_in(before->amounts) : Amounts{}, key_at(key, *row.closed_us), end);
}

// What was counted before is taken back where it was, unless that is long ago: then it stays.
void MinuteRows::move(const std::optional<Key>& from, const Amounts& less, const Key& to,
                      const Amounts& more) {
    if (from) {
        const auto known = sums_.find(*from);
        if (known == sums_.end() || (*from == to && less.counts == more.counts))
            return;
        known->second.changed = true;
        known->second.amounts -= less;
    }
    if (!more.nothing())
        sum_of(to).amounts += more;
}

// Rows of a commit mostly ask for few keys again and again.
MinuteRows::Sum& MinuteRows::sum_of(const Key& key) {
    Sums::value_type*& recent = recent_[(key.service_port + key.direction) % recent_.size()];
    if (recent == nullptr || recent->first != key)
        recent = &find_or_add(key);
    recent->second.changed = true;
    return recent->second;
}

MinuteRows::Sums::value_type& MinuteRows::find_or_add(const Key& key) {
    const Key nobody{key.minute, ""};
    if (const auto known = sums_.find(key); known != sums_.end())
        return *known;
    std::int64_t& keys = keys_of_[key.minute];
    if (keys >= max_keys && key != nobody)
        return find_or_add(nobody);
    ++keys;
    return *sums_.try_emplace(key).first;
}

std::int64_t MinuteRows::write(const std::vector<MinuteRtts>& rtts) {
    for (const auto& [key, samples] : rtts) {
        const std::string_view comm(key.comm.data(), strnlen(key.comm.data(), key.comm.size()));
        Sum& sum =
            sum_of({key.begin_us / minute_us, stored_text(comm), key.service_port, key.direction});
        if (!sum.rtts)
            sum.rtts = std::make_unique<RttHistogram>();
        *sum.rtts += samples;
    }
    std::vector<Sums::value_type*> changed;
    for (auto& entry : sums_)
        if (entry.second.changed)
            changed.push_back(&entry);
    std::ranges::sort(changed, {}, [](const auto* entry) -> const Key& { return entry->first; });
    const std::int64_t first_new = next_id_;
    for (auto* entry : changed)
        put(*entry);
    forget_old();
    return next_id_ - first_new;
}

void MinuteRows::put(Sums::value_type& entry) {
    auto& [key, sum] = entry;
    sum.changed = false;
    if (sum.id == 0)
        sum.id = next_id_++;
    bind_all(put_, sum.id, key.minute * minute_us, key.comm, int{key.service_port},
             direction_name(key.direction));
    const Amounts amounts = amounts_with(sum.amounts, sum.rtts.get());
    int index = 6;
    for (const std::int64_t count : amounts.counts)
        bind_value(put_, index++, count);
    bind_value(put_, index++, amounts.rtt_min_us);
    bind_value(put_, index++, amounts.rtt_max_us);
    bind_value(put_, index, json_of(sum.rtts.get()));
    put_.exec();
}

void MinuteRows::forget_old() {
    if (keys_of_.empty())
        return;
    const std::int64_t oldest = keys_of_.rbegin()->first - 1;
    recent_ = {};
    std::erase_if(sums_, [&](const auto& entry) { return entry.first.minute < oldest; });
    keys_of_.erase(keys_of_.begin(), keys_of_.lower_bound(oldest));
}

} // namespace ctrack
