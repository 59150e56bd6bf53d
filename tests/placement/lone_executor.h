// One executor, its disk, and the view the test gives it.
#pragma once

#include "node/base/random.h"
#include "placement/executor.h"
#include "tests/placement/words.h"
#include "tests/support/disk.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace shoal::placement {

class LoneExecutor {
public:
    explicit LoneExecutor(const tests::Disk& disk = {}, std::uint64_t seed = 1)
        : view_(std::make_unique<View>(View{.self = kSelf})),
          disk_(disk),
          machine_(
              std::make_unique<Executor>(*view_, ExecutorConfig{}, Random{seed}, disk_.rows())) {}

    // Up, with these containers found running, and settled.
    Effects starts(const NodeFacts& facts = facts_of("self"),
                   const std::vector<ContainerReport>& found = {}) {
        Effects out = boots(facts, found);
        append(out, settles());
        return out;
    }

    // `directories`: of volumes, which are on the host.
    Effects boots(const NodeFacts& facts = facts_of("self"),
                  const std::vector<ContainerReport>& found = {},
                  const std::vector<VolumeId>& directories = {}) {
        return told([&](Effects& out) {
            machine_->start(facts, directories, out);
            machine_->listed(now_, found, out);
        });
    }

    Effects sees_volume(const NodeId& node, const VolumeId& id,
                        std::optional<VolumeRecord> record = VolumeRecord{.used = true}) {
        const VolumeSeen seen{node, id, record};
        view_->see(seen);
        return told([&](Effects& out) {
            if (node == kSelf) machine_->own_volume_seen(seen, out);
            machine_->volume_moved(now_, id, out);
        });
    }

    Effects removes(const VolumeId& id) {
        return told([&](Effects& out) { machine_->remove_volume(id, out); });
    }

    Effects settles() {
        return told([&](Effects& out) { machine_->settled(now_, out); });
    }

    Effects learns(const JobSpec& spec, std::uint64_t gen = 1) {
        view_->see(JobChanged{spec.name, gen, spec});
        return told([&](Effects& out) { machine_->job_changed(now_, spec.name, out); });
    }

    Effects learns_of_deletion(const std::string& name) {
        view_->see(JobChanged{name, 9, std::nullopt});
        return told([&](Effects& out) { machine_->job_changed(now_, name, out); });
    }

    Effects sees(const NodeId& node, const Claim& claim) {
        return shown({node, claim.slot, claim.epoch, claim});
    }

    Effects sees_no_more(const NodeId& node, const SlotId& slot, Epoch epoch) {
        return shown({node, slot, epoch, std::nullopt});
    }

    Effects meets(const NodeId& node, Standing standing = Standing::Alive) {
        view_->see(now_, PeerChanged{node, standing, false});
        return told([&](Effects& out) { machine_->roster_changed(now_, out); });
    }

    Effects asked(const BidRequest& request) {
        return told([&](Effects& out) { machine_->asked(now_, request, kAnn, out); });
    }

    Effects awarded(const Award& award) {
        return told([&](Effects& out) { machine_->awarded(now_, award, kAnn, out); });
    }

    Effects persisted(Token token) {
        return told([&](Effects& out) { machine_->persisted(now_, token, out); });
    }

    Effects persist_failed(Token token) {
        return told([&](Effects& out) { machine_->persist_failed(now_, token, out); });
    }

    Effects reports(const ContainerId& id, ContainerState state, std::int32_t code = 0) {
        return reports(ContainerReport{id, state, code, "a detail"});
    }

    Effects checks(const CheckReport& report) {
        return told([&](Effects& out) { machine_->checked(now_, report, out); });
    }

    Effects reports(const ContainerReport& report) {
        return told([&](Effects& out) { machine_->reported(now_, report, out); });
    }

    void finds_disk_low(const std::string& which) { machine_->set_low_disk(which); }

    void has_image(const std::string& digest, bool here = true) {
        machine_->image_seen({digest, here});
    }

    void is_troubled(const std::string& why) { machine_->troubled(why); }

    Effects drains(bool stop_containers = true) {
        return told([&](Effects& out) { machine_->drain(now_, stop_containers, out); });
    }

    // The rows reach the disk and the machine hears so.
    Effects synced(const Effects& effects) {
        Effects out;
        for (const Persist& persist : all<Persist>(effects)) {
            disk_.write(persist.batch);
            append(out, persisted(persist.token));
        }
        return out;
    }

    Effects waits(Duration duration) {
        Effects out;
        const Instant end = now_ + duration;
        while (machine_->wakeup() <= end) {
            now_ = std::max(now_, machine_->wakeup());
            append(out, told([&](Effects& more) { machine_->tick(now_, more); }));
        }
        now_ = end;
        append(out, told([&](Effects& more) { machine_->tick(now_, more); }));
        return out;
    }

    // ---- whole dealings

    Ticket ticket_for(const JobSpec& spec, std::uint32_t slots = 1) {
        const auto bids = sent<Bid>(asked(request_for(spec, slots)));
        return bids.empty() ? 0 : bids[0].ticket;
    }

    // What an award for these slots is answered with, once it is on disk if it has to be.
    Effects takes(const JobSpec& spec, std::vector<AwardedSlot> slots) {
        const Award award{.request = 2,
                          .ticket = ticket_for(spec, static_cast<std::uint32_t>(slots.size())),
                          .spec = spec,
                          .slots = std::move(slots)};
        Effects out = awarded(award);
        append(out, synced(out));
        return out;
    }

    // A replica that runs.
    ContainerId runs(const JobSpec& spec, std::uint32_t index = 0, Epoch epoch = 1) {
        (void)takes(spec, {{index, epoch, {}}});
        const ContainerId id{{spec.name, index}, epoch};
        (void)reports(id, ContainerState::Running);
        return id;
    }

    Executor& machine() { return *machine_; }

    [[nodiscard]] Resources used() const { return machine_->ledger().used(); }

    View& view() { return *view_; }

    tests::Disk& disk() { return disk_; }

    static void append(Effects& out, const Effects& more) {
        out.insert(out.end(), more.begin(), more.end());
    }

private:
    template <class Call>
    static Effects told(const Call& call) {
        Effects out;
        call(out);
        return out;
    }

    Effects shown(const ClaimSeen& seen) {
        view_->see(seen);
        return told([&](Effects& out) {
            if (seen.node == kSelf) machine_->own_claim_seen(seen, out);
            machine_->claims_changed(now_, seen.slot, out);
        });
    }

    std::unique_ptr<View> view_;  // the executor refers to it
    tests::Disk disk_;
    std::unique_ptr<Executor> machine_;
    Instant now_ = kMorning;
};

inline std::vector<RefusedSlot> refused(const Effects& effects) {
    const auto answers = sent<Awarded>(effects);
    return answers.empty() ? std::vector<RefusedSlot>{} : answers.back().refused;
}

inline std::vector<AcceptedSlot> accepted(const Effects& effects) {
    const auto answers = sent<Awarded>(effects);
    return answers.empty() ? std::vector<AcceptedSlot>{} : answers.back().accepted;
}

}  // namespace shoal::placement
