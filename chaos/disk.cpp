#include "chaos/disk.h"

namespace shoal::chaos {

std::uint64_t Disk::write(const Batch& batch) {
    tail_.push_back(batch);
    return first_in_tail_ + tail_.size() - 1;
}

void Disk::sync(std::uint64_t number) {
    while (!tail_.empty() && first_in_tail_ <= number) {
        apply(tail_.front());
        tail_.pop_front();
        ++first_in_tail_;
    }
}

void Disk::crash(Random& random) {
    const auto survive = random.below(tail_.size() + 1);
    if (survive > 0) sync(first_in_tail_ + survive - 1);
    first_in_tail_ += tail_.size();
    tail_.clear();
}

bool Disk::restore_copy() {
    if (copy_.empty()) return false;
    durable_ = copy_;
    first_in_tail_ += tail_.size();
    tail_.clear();
    ++lives_;
    return true;
}

void Disk::wipe() {
    durable_.clear();
    copy_.clear();
    first_in_tail_ += tail_.size();
    tail_.clear();
    ++lives_;
}

Snapshot Disk::snapshot() const {
    Snapshot out;
    for (const auto& [where, value] : durable_) {
        out.push_back({where.first, where.second, value});
    }
    return out;
}

void Disk::apply(const Batch& batch) {
    for (const Row& row : batch) {
        if (row.value) {
            durable_.insert_or_assign({row.table, row.key}, *row.value);
        } else {
            durable_.erase({row.table, row.key});
        }
    }
}

}  // namespace shoal::chaos
